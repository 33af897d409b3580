import { JOBS, startWorker } from '@milvault/jobs';
import { parseConfig, secret } from '@milvault/shared';
import { PROBES } from './probe-job.ts';
import type { ChildSettings } from './worker-child.ts';

/** A worker process for tests that kill it: probe jobs or the real ones, fast tuning. Says `ready` when it takes jobs. */
const settings = JSON.parse(process.argv[2] ?? '') as ChildSettings;
const never = { cleanup: '0 0 1 1 *', health: '0 0 1 1 *' };
const config = {
  ...parseConfig(JSON.stringify(settings.sections), { env: {} }),
  ...never,
  redis: secret(settings.redis),
};
const worker = await startWorker(config, {
  prefix: settings.prefix,
  tuning: settings.tuning,
  jobs: settings.jobs === 'real' ? JOBS : PROBES,
});
process.once('SIGTERM', () => void worker.close());
process.stdout.write('ready\n');
