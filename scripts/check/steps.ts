import type { Step } from '../test/step.ts';

/** What `npm run check` asks, and `npm test` before it runs a test. */
export const CHECKS: readonly Step[] = [
  {
    name: 'types',
    args: ['node_modules/typescript/bin/tsc', '-p', '.', '--incremental', '--tsBuildInfoFile', '.milvault/types.json'],
  },
  {
    name: 'types of the page',
    args: [
      'node_modules/typescript/bin/tsc',
      '-p',
      'apps/web',
      '--incremental',
      '--tsBuildInfoFile',
      '.milvault/page.json',
    ],
  },
  { name: 'lint and layers', args: ['node_modules/eslint/bin/eslint.js', '--max-warnings=0', '.'] },
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'] },
  { name: 'layers of dynamic imports', args: ['scripts/check/layers.mjs'] },
];
