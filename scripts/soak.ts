/**
 * `npm run test:soak`: processes killed (-9) at random moments, 200 of them, and everything looked at afterwards; with
 * `--minutes N` not longer than that, and again with another seed while there is time. `--seed N` runs one that was printed.
 * The last line is `N passed, N failed`.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runTests, sum } from './test/run.ts';

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values } = parseArgs({ options: { kills: text('200'), minutes: text(''), seed: { type: 'string' } } });
const limited = values.minutes !== '';
const end = Date.now() + Number(values.minutes) * 60_000;

// Vitest hears Ctrl-C too and ends its run; this process goes on, so that nothing is left behind.
process.on('SIGINT', () => undefined);

let total = sum([]);
do {
  const seed = values.seed ?? String(randomInt(2 ** 31));
  const left: Record<string, string> = limited
    ? { MILVAULT_TEST_MINUTES: String(Math.max(0, end - Date.now()) / 60_000) }
    : {};
  const env = { MILVAULT_TEST_KILLS: values.kills, MILVAULT_TEST_SEED: seed, ...left };
  total = sum([total, await runTests(['tests/faults/kills'], env)]);
} while (limited && values.seed === undefined && total.failed === 0 && Date.now() < end);
if (total.failed > 0) process.exitCode = 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
