import { status as grpcStatus, type ServiceError } from '@grpc/grpc-js';
import { fail, type ErrorCode, type MilvaultError } from '@milvault/shared';
import { PageTooLarge, saysTooLarge } from './errors.ts';

/** What a call that got no reply message means. */
export function faultOfCall(error: ServiceError, call: string, address: string): Error {
  const said = tidy(error.details === '' ? error.message : error.details);
  if (error.code === grpcStatus.RESOURCE_EXHAUSTED && saysTooLarge(said)) {
    return new PageTooLarge(said, { cause: error });
  }
  return faultOf(error, said, call, address);
}

const unreachable = ['SOURCE_UNREACHABLE', 'does not answer'] as const;
const refused = ['SOURCE_AUTH_FAILED', 'refused the credentials for'] as const;
/** A stream that was cut, or a peer that does not speak HTTP/2: nothing is known about what the server did. */
const broken = ['SOURCE_UNREACHABLE', 'lost the connection during'] as const;

const BY_GRPC_CODE: Partial<Record<grpcStatus, readonly [ErrorCode, string]>> = {
  [grpcStatus.UNAVAILABLE]: unreachable,
  [grpcStatus.DEADLINE_EXCEEDED]: ['SOURCE_TIMEOUT', 'took too long to answer'],
  [grpcStatus.RESOURCE_EXHAUSTED]: ['SOURCE_BUSY', 'asks for fewer requests than'],
  [grpcStatus.UNAUTHENTICATED]: refused,
  [grpcStatus.PERMISSION_DENIED]: refused,
  [grpcStatus.UNIMPLEMENTED]: ['SOURCE_UNSUPPORTED', 'does not know the call'],
  [grpcStatus.INTERNAL]: broken,
  [grpcStatus.CANCELLED]: broken,
};

/** grpc-js and OpenSSL write for developers: over several lines, with an empty note at the end. */
const tidy = (said: string): string =>
  said
    .replace(/\s+/g, ' ')
    .replace(/ ?Resolution note: ?$/, '')
    .trim();

/** What is wrong when something listens, but it is not what was expected. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/wrong version number/i, 'Milvus answers there without TLS: switch TLS off for this source'],
  [/socket hang up|ECONNRESET|protocol error/i, 'Check that the port is that of Milvus, and whether it wants TLS'],
];

function faultOf(error: ServiceError, said: string, call: string, address: string): MilvaultError {
  const [code, did] = BY_GRPC_CODE[error.code] ?? (['SOURCE_REJECTED', 'refused'] as const);
  const hint = code === 'SOURCE_UNREACHABLE' ? HINTS.find(([pattern]) => pattern.test(said))?.[1] : undefined;
  return fail(code, {
    what: `Milvus at ${address} ${did} ${call}: ${said}`,
    ...(hint === undefined ? {} : { next: hint }),
    details: { call, address, grpc: grpcStatus[error.code], said },
    cause: error,
  });
}
