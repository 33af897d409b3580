import { systemCode } from '../faults.ts';

/**
 * Why a store did not do what it was asked:
 * `missing` no such object; `no-bucket`; `exists` the condition of a create-only write; `conflict` two writes at once;
 * `range` beyond the end; `denied` no right; `keys` unknown, wrong or expired; `clock` ours is too far off; `region` the
 * bucket is elsewhere; `full`; `unsupported` the store does not know this; `busy` it asks for patience or fails inside;
 * `unreachable` no connection; `cut` a connection that broke or fell silent, so that nobody knows what was done;
 * `refused` anything else.
 */
export type StoreFaultKind =
  | 'missing'
  | 'no-bucket'
  | 'exists'
  | 'conflict'
  | 'range'
  | 'denied'
  | 'keys'
  | 'clock'
  | 'region'
  | 'full'
  | 'unsupported'
  | 'busy'
  | 'unreachable'
  | 'cut'
  | 'refused';

/** A fault of a store, before it is known whose store it is. Its message holds no key and no token. */
export class StoreFault extends Error {
  readonly kind: StoreFaultKind;
  constructor(kind: StoreFaultKind, message: string) {
    super(message);
    this.name = 'StoreFault';
    this.kind = kind;
  }
}

export const isStoreFault = (thrown: unknown, ...kinds: StoreFaultKind[]): thrown is StoreFault =>
  thrown instanceof StoreFault && (kinds.length === 0 || kinds.includes(thrown.kind));

/**
 * By the word that the store answered; first, as several of them share a status. A 404 without a word that we know is no
 * missing object: versitygw answers it to unknown keys, and a proxy to whatever it does not know.
 */
const BY_CODE: Readonly<Record<string, StoreFaultKind>> = {
  NoSuchKey: 'missing',
  NotFound: 'missing',
  NoSuchBucket: 'no-bucket',
  PreconditionFailed: 'exists',
  ConditionalRequestConflict: 'conflict',
  OperationAborted: 'conflict',
  InvalidRange: 'range',
  AccessDenied: 'denied',
  AllAccessDisabled: 'denied',
  InvalidAccessKeyId: 'keys',
  InvalidClientTokenId: 'keys',
  SignatureDoesNotMatch: 'keys',
  ExpiredToken: 'keys',
  InvalidToken: 'keys',
  TokenRefreshRequired: 'keys',
  CredentialsProviderError: 'keys',
  XAdminUserNotFound: 'keys',
  RequestTimeTooSkewed: 'clock',
  RequestExpired: 'clock',
  AuthorizationHeaderMalformed: 'region',
  PermanentRedirect: 'region',
  IllegalLocationConstraintException: 'region',
  QuotaExceeded: 'full',
  XMinioStorageFull: 'full',
  XMinioAdminBucketQuotaExceeded: 'full',
  InsufficientStorage: 'full',
  NotImplemented: 'unsupported',
  SlowDown: 'busy',
  RequestTimeout: 'cut',
  TimeoutError: 'cut',
  AbortError: 'cut',
  IncompleteBody: 'cut',
};

const BY_STATUS: Readonly<Record<number, StoreFaultKind>> = {
  301: 'region',
  307: 'region',
  401: 'keys',
  403: 'denied',
  408: 'cut',
  409: 'conflict',
  412: 'exists',
  416: 'range',
  429: 'busy',
  501: 'unsupported',
  507: 'full',
};

const CUT = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNABORTED']);

/** Anything that a call of the SDK threw. `hide` are texts that must not be told. */
export function storeFault(thrown: unknown, hide: readonly string[] = []): StoreFault {
  if (thrown instanceof StoreFault) return thrown;
  const code = codeOf(thrown);
  const status = statusOf(thrown);
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  const words = [code, status === null ? '' : String(status), said === code ? '' : said].filter((word) => word !== '');
  return new StoreFault(kindOf(code, status), hidden(words.join(' '), hide));
}

function kindOf(code: string, status: number | null): StoreFaultKind {
  const named = BY_CODE[code];
  if (named !== undefined) return named;
  if (status !== null) return BY_STATUS[status] ?? (status >= 500 ? 'busy' : 'refused');
  if (CUT.has(code)) return 'cut';
  // No answer at all, and no cut either: no connection came about.
  return /^(E[A-Z]+|CERT_|DEPTH_|UNABLE_|SELF_|ERR_TLS|ERR_SSL)/.test(code) ? 'unreachable' : 'cut';
}

/** A failed connection has the code of the system call, an answer the word of the store. */
function codeOf(thrown: unknown): string {
  const system = systemCode(thrown);
  if (system !== '') return system;
  if (thrown instanceof AggregateError) return codeOf(thrown.errors[0]);
  const name = thrown instanceof Error ? thrown.name : '';
  return name === 'Error' ? '' : name;
}

function statusOf(thrown: unknown): number | null {
  if (typeof thrown !== 'object' || thrown === null || !('$metadata' in thrown)) return null;
  const { $metadata } = thrown;
  if (typeof $metadata !== 'object' || $metadata === null || !('httpStatusCode' in $metadata)) return null;
  return typeof $metadata.httpStatusCode === 'number' ? $metadata.httpStatusCode : null;
}

const LONGEST = 300;

function hidden(text: string, hide: readonly string[]): string {
  let shown = text;
  for (const word of hide) if (word !== '') shown = shown.replaceAll(word, '[secret]');
  // A page of HTML from something that is no store of ours.
  return shown.replace(/\s+/g, ' ').slice(0, LONGEST);
}
