import closeWithGrace from 'close-with-grace';
import { startWorker } from '@milvault/jobs';
import { createLogger, loadConfig, systemClock, toErrorRecord, type Config, type Logger } from '@milvault/shared';

/** Less than the time that systemd and containers grant, so that we end by ourselves. */
const CLOSE_MS = 25_000;

/** The process: configuration, log, signals, end. What a worker does is in `packages/jobs`. */
async function main(): Promise<void> {
  const config = await loadConfig();
  const { level, file } = config.log;
  const logger = createLogger({ level, name: 'worker', ...(file === null ? {} : { file }) });
  for (const notice of config.notices) logger.warn(notice);
  try {
    await work(config, logger);
  } catch (thrown) {
    logger.fatal({ err: thrown, ...toErrorRecord(thrown) }, 'the worker does not start');
    process.exitCode = 1;
  }
}

async function work(config: Config, logger: Logger): Promise<void> {
  const worker = await startWorker(config, { clock: systemClock, logger });
  logger.info({ worker: worker.name, redis: new URL(config.redis.reveal()).host }, 'the worker takes jobs');
  closeWithGrace({ delay: CLOSE_MS, logger: false }, async ({ signal, err }) => {
    if (err === undefined) logger.info({ signal }, 'the worker hands over its jobs and ends');
    else logger.fatal({ err }, 'the worker ends because of a fault that nobody caught');
    await worker.close();
  });
}

await main().catch((thrown: unknown) => {
  // Without a configuration there is no log to write to.
  const { code, message, next } = toErrorRecord(thrown);
  process.stderr.write(`${code}: ${message}\n${next}\n`);
  process.exitCode = 1;
});
