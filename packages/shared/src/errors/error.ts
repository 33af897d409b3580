import { ERRORS, type ErrorCode } from './table.ts';

/** What may be said about one error, beside its code. All of it may be shown to people: never put a secret in. */
export interface ErrorFacts {
  /** What went wrong here, in this case: names the thing concerned. Default: the title of the code. */
  readonly what?: string;
  readonly expected?: string;
  readonly got?: string;
  /** What to do next, where it is more precise than the table's sentence. */
  readonly next?: string;
  readonly cause?: unknown;
  /** Plain JSON for programs: ids, keys, counts. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The JSON form of an error: in job results, run records, API answers (as problem+json) and `--json` output. */
export interface ErrorRecord {
  code: ErrorCode;
  message: string;
  expected?: string;
  got?: string;
  next: string;
  retryable: boolean;
  details?: Record<string, unknown>;
  causes?: string[];
}

/** The only error class of milvault. Make one with {@link fail}. */
export class MilvaultError extends Error {
  readonly code: ErrorCode;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly next: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, facts: ErrorFacts = {}) {
    const entry = ERRORS[code];
    const seen = facts.got === undefined ? '' : `, got ${facts.got}`;
    const wanted = facts.expected === undefined ? '' : `: expected ${facts.expected}${seen}`;
    super(`${facts.what ?? entry.title}${wanted}`, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'MilvaultError';
    this.code = code;
    this.expected = facts.expected;
    this.got = facts.got;
    this.next = facts.next ?? entry.next;
    this.details = facts.details;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** `throw fail('REPO_FULL', { … })` reads as a sentence and keeps the table the only source of codes. */
export const fail = (code: ErrorCode, facts?: ErrorFacts): MilvaultError => new MilvaultError(code, facts);

export const isMilvaultError = (thrown: unknown): thrown is MilvaultError => thrown instanceof MilvaultError;

export const hasCode = (thrown: unknown, ...codes: ErrorCode[]): thrown is MilvaultError =>
  isMilvaultError(thrown) && codes.includes(thrown.code);

/** Anything that was thrown, as a MilvaultError: a foreign error becomes INTERNAL and stays as the cause. */
export function toMilvaultError(thrown: unknown): MilvaultError {
  if (isMilvaultError(thrown)) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return fail('INTERNAL', { what: text, cause: thrown });
}

const causesOf = (error: Error): string[] => {
  const causes: string[] = [];
  for (let cause = error.cause; cause !== undefined && causes.length < 5;) {
    causes.push(cause instanceof Error ? cause.message : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
};

export function toErrorRecord(thrown: unknown): ErrorRecord {
  const error = toMilvaultError(thrown);
  const causes = causesOf(error);
  return {
    code: error.code,
    message: error.message,
    ...(error.expected === undefined ? {} : { expected: error.expected }),
    ...(error.got === undefined ? {} : { got: error.got }),
    next: error.next,
    retryable: error.retryable,
    ...(error.details === undefined ? {} : { details: { ...error.details } }),
    ...(causes.length === 0 ? {} : { causes }),
  };
}

/** What happened, without its `expected` and `got`, for those who show the three apart. */
export function headline(record: Pick<ErrorRecord, 'message' | 'expected' | 'got'>): string {
  const { message, expected, got } = record;
  if (expected === undefined) return message;
  const tail = `: expected ${expected}${got === undefined ? '' : `, got ${got}`}`;
  return message.endsWith(tail) ? message.slice(0, -tail.length) : message;
}

/** An error that crossed a process border as JSON, as an error again: the same record comes out of it. */
export const fromErrorRecord = (record: Omit<ErrorRecord, 'code'> & { readonly code: string }): MilvaultError =>
  fail(isErrorCode(record.code) ? record.code : 'INTERNAL', {
    what: headline(record),
    ...(record.expected === undefined ? {} : { expected: record.expected }),
    ...(record.got === undefined ? {} : { got: record.got }),
    next: record.next,
    ...(record.details === undefined ? {} : { details: record.details }),
    ...(record.causes?.[0] === undefined ? {} : { cause: record.causes.join(' <- ') }),
  });

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
