import { pino, type Logger as PinoLogger } from 'pino';

/** What code may say to the log. Bind ids with `child`, so that every line of a run carries its run id. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(bindings: Record<string, unknown>): Logger;
};

export interface LoggerOptions {
  readonly level: string;
  /** Name of the program: api, worker, cli. */
  readonly name: string;
  /** File descriptor or path; default: standard output. A path is written beside standard output. */
  readonly file?: string;
  readonly fd?: number;
}

/** Keys whose values never reach the log, at any depth that we log. The second line behind {@link Secret}. */
const SENSITIVE = ['token', 'password', 'pass', 'authorization', 'secret', 'cookie', 'webhook'];

export function createLogger(options: LoggerOptions): Logger {
  const redact = SENSITIVE.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  const targets = [
    { target: 'pino/file', options: { destination: options.fd ?? 1 } },
    ...(options.file === undefined
      ? []
      : [{ target: 'pino/file', options: { destination: options.file, mkdir: true } }]),
  ];
  const base = { level: options.level, name: options.name, redact: { paths: redact, censor: '[secret]' } };
  if (targets.length === 1) return pino(base, pino.destination({ dest: options.fd ?? 1, sync: true }));
  return pino({ ...base, transport: { targets } });
}

export const silentLogger: Logger = pino({ level: 'silent' });
