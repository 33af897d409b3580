/**
 * `npm test`: types, lint, format and layers, then the build, then every test on real servers, then a look whether
 * anything was left behind. `npm test -- <part of a path>` runs the matching test files alone, after the build.
 * The last line is `N passed, N failed`, each step counted like a test.
 */
import { CHECKS } from './check/steps.ts';
import { report, runStep, type Step } from './test/step.ts';
import { outcome, runTests, sum } from './test/run.ts';
import type { Tally } from './test/vitest.ts';

const BUILD: Step = { name: 'build', args: ['--import', 'tsx', 'scripts/build.ts'] };

async function steps(list: readonly Step[]): Promise<Tally> {
  const results = list.map(async (step) => {
    const result = await runStep(step);
    report(result);
    return outcome(result.ok);
  });
  return sum(await Promise.all(results));
}

// Vitest hears Ctrl-C too and ends its run; this process goes on, so that nothing is left behind.
process.on('SIGINT', () => undefined);

const filters = process.argv.slice(2);
const before = await steps(filters.length === 0 ? [...CHECKS, BUILD] : [BUILD]);
const total = sum([before, await runTests(filters)]);
if (total.failed > 0) process.exitCode = 1;
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped === 0 ? '' : `, ${total.skipped} skipped`}`);
