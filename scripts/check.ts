/** `npm run check`: types, lint with the layers, format. Exit code 1 when any of them fails. */
import { CHECKS } from './check/steps.ts';
import { report, runStep } from './test/step.ts';

const results = await Promise.all(
  CHECKS.map(async (step) => {
    const result = await runStep(step);
    report(result);
    return result;
  }),
);
if (results.some((result) => !result.ok)) process.exitCode = 1;
