import { pino, stdSerializers, type ChildLoggerOptions, type Logger as PinoLogger } from 'pino';
import { REDACTED } from './secret.ts';

/** What code may say to the log. Bind ids with `child`, so that every line of a run carries its run id. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & {
  child(bindings: Record<string, unknown>): Logger;
};

export interface LoggerOptions {
  readonly level: string;
  /** Name of the program: api, worker, cli. */
  readonly name: string;
  /** Path of a file that is written beside `fd`; its folder is made. */
  readonly file?: string;
  /** File descriptor; default: standard output. */
  readonly fd?: number;
}

/** Keys whose values never reach the log. The second line behind `Secret`: a foreign object may carry plain ones. */
const SENSITIVE = /(^pass|token|passwo?r?d|passphrase|authorization|secret|cookie|webhook|api[_-]?key|credentials?)$/i;
const DEEPEST = 8;

/** Errors become plain objects, and what stands under a sensitive key is hidden, however deep. */
function scrub(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return '[deeper]';
  if (value instanceof Error) return scrub(stdSerializers.err(value), depth);
  // Secrets, dates and bytes know how to become JSON.
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => scrub(item, depth + 1));
  const shown = (key: string, item: unknown): unknown =>
    SENSITIVE.test(key) && typeof item !== 'number' && item !== null ? REDACTED : scrub(item, depth + 1);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(key, item)]));
}

// An object goes in, so an object comes out.
const scrubObject = (object: object): Record<string, unknown> => scrub(object, 0) as Record<string, unknown>;

/** Lines are written at once, so that none is lost when the process dies. */
export function createLogger(options: LoggerOptions): Logger {
  const to = (dest: string | number) => ({
    level: options.level as 'info', // Any level of pino; its stream type names only the built-in ones.
    stream: pino.destination({ dest, sync: true, mkdir: true }),
  });
  const streams = [to(options.fd ?? 1), ...(options.file === undefined ? [] : [to(options.file)])];
  const root = pino(
    {
      level: options.level,
      base: { pid: process.pid, name: options.name },
      formatters: { log: scrubObject },
      serializers: { err: (plain: unknown) => plain },
    },
    pino.multistream(streams),
  );
  // Formatters do not see what a child is bound to. Children inherit from their parent, so one override is enough.
  // The cast drops pino's type parameter for custom levels, which we have none of.
  const child = root.child as (this: unknown, bindings: object, settings?: ChildLoggerOptions) => Logger;
  return Object.assign(root, {
    child(this: unknown, bindings: Record<string, unknown>, settings?: ChildLoggerOptions): Logger {
      return child.call(this, scrubObject(bindings), settings);
    },
  });
}

export const silentLogger: Logger = pino({ level: 'silent' });
