import type { Logger } from '@milvault/shared';

type LogFunction = Logger['info'];
type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** A logger that also gives each line above debug, as text for people, to `keep`. */
export function teeLogger(logger: Logger, keep: (level: Level, line: string) => void): Logger {
  const tee = (level: Level): LogFunction => {
    // pino's overloads say (object, text) or (text): passed through untouched, and read back the same way.
    const log = logger[level].bind(logger) as (...args: unknown[]) => void;
    const teed = (...args: unknown[]): void => {
      log(...args);
      if (level !== 'debug') keep(level, lineOf(args));
    };
    return teed as LogFunction;
  };
  return {
    debug: tee('debug'),
    info: tee('info'),
    warn: tee('warn'),
    error: tee('error'),
    fatal: tee('fatal'),
    child: (bindings) => teeLogger(logger.child(bindings), keep),
  };
}

const LONGEST_LINE = 2_000;

function lineOf([first, second]: readonly unknown[]): string {
  if (typeof first === 'string') return first.slice(0, LONGEST_LINE);
  const text = typeof second === 'string' ? second : '';
  const error = first instanceof Error ? first : (first as { err?: unknown } | null)?.err;
  return (error instanceof Error ? `${text}${text === '' ? '' : ': '}${error.message}` : text).slice(0, LONGEST_LINE);
}
