/** Every command of the READMEs, by the test that runs it. */
export const README_COMMANDS = {
  /** By .ci/run, which is how this very test was started on a fresh clone. */
  byCi: ['npm test'],
  /** By tests/e2e/start, in this order, while `npm start` runs. */
  whileServing: [
    'npx milvault backup list',
    'npx milvault backup create --wait',
    'npx milvault backup verify full_20261122_020000 --level 3',
    'npx milvault drill full_20261122_020000',
    'npx milvault restore full_20261122_020000 --to sample --suffix _again',
    'npx milvault run list',
  ],
  /** By tests/e2e/start, in this order, with API and Redis stopped. */
  alone: [
    'npx milvault inspect --local --source 127.0.0.1:19530',
    'npx milvault backup create --local --source 127.0.0.1:19530 --repo ./backups',
    'npx milvault backup verify full_20261122_020000 --level 3 --local --repo ./backups',
    'npx milvault drill full_20261122_020000 --to 127.0.0.1:19530 --local --repo ./backups',
    'npx milvault restore full_20261122_020000 --to 127.0.0.1:19530 --suffix _again --local --repo ./backups',
    'npx milvault prune --dry-run --local --repo ./backups',
    'npx milvault config check',
  ],
  /** By tests/e2e/start. */
  starts: ['npm start', 'npm start -- --once'],
} as const;
