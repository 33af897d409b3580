import closeWithGrace from 'close-with-grace';
import { createLogger, fail, loadConfig, systemClock, toErrorRecord, type Config, type Logger } from '@milvault/shared';
import { buildApp } from './app.ts';
import { composeParts } from './compose.ts';
import { requireSafeBind } from './plugins/access.ts';

/** Less than the time that systemd and containers grant, so that we end by ourselves. */
const CLOSE_MS = 25_000;

/** The process: configuration, log, address, signals, end. */
async function main(): Promise<void> {
  const config = await loadConfig();
  const { level, file } = config.log;
  const logger = createLogger({ level, name: 'api', ...(file === null ? {} : { file }) });
  for (const notice of config.notices) logger.warn(notice);
  try {
    await serve(config, logger);
  } catch (thrown) {
    logger.fatal({ err: thrown, ...toErrorRecord(thrown) }, 'the API does not start');
    process.exitCode = 1;
  }
}

async function serve(config: Config, logger: Logger): Promise<void> {
  requireSafeBind(config.api);
  const composed = await composeParts(config, { clock: systemClock, logger });
  const app = await buildApp(composed.parts).catch(closing(composed.close));
  const close = async (): Promise<void> => {
    await app.close();
    await composed.close();
  };
  const { host, port } = config.api;
  const url = await app.listen({ host, port }).catch((thrown: unknown) => closing(close)(portTaken(thrown, port)));
  logger.info({ url, redis: new URL(config.redis.reveal()).host }, `the API listens at ${url}`);
  closeWithGrace({ delay: CLOSE_MS, logger: false }, async ({ signal, err }) => {
    if (err === undefined) logger.info({ signal }, 'the API ends');
    else logger.fatal({ err }, 'the API ends because of a fault that nobody caught');
    await close();
  });
}

const portTaken = (thrown: unknown, port: number): unknown =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE'
    ? fail('CONFLICT', {
        what: `Another program listens on port ${String(port)}`,
        next: 'Stop it, or set MILVAULT_PORT to a free port',
        cause: thrown,
      })
    : thrown;

/** Releases what was acquired and passes the fault on. */
const closing =
  (close: () => Promise<void>) =>
  async (thrown: unknown): Promise<never> => {
    await close();
    throw thrown;
  };

await main().catch((thrown: unknown) => {
  // Without a configuration there is no log to write to.
  const { code, message, next } = toErrorRecord(thrown);
  process.stderr.write(`${code}: ${message}\n${next}\n`);
  process.exitCode = 1;
});
