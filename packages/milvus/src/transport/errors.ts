import { fail, type ErrorCode, type MilvaultError } from '@milvault/shared';
import type { MessageOf } from '../protocol/message.ts';
import type { Status } from '../protocol/messages.ts';

/**
 * A reply or request that is larger than the server, or milvault, takes. Not a fault to show: whoever gets it asks for
 * less (a smaller key range, fewer rows a request).
 */
export class PageTooLarge extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PageTooLarge';
  }
}

export const isPageTooLarge = (thrown: unknown): thrown is PageTooLarge => thrown instanceof PageTooLarge;

/** What the servers say when a message is too large: Milvus's proxy and query nodes, gRPC for Go, for C++/Python and for Node. */
const SIZE_FAULTS = [
  /exceeds? the limit size/i,
  /maxOutputSize/i,
  /(received|sent|sending|trying to send) message larger than max/i,
  /message length too large/i,
  /message too large/i,
  /max message size/i,
  /larger than max \(\d+ vs\.? \d+\)/i,
];

export const saysTooLarge = (text: string): boolean => SIZE_FAULTS.some((pattern) => pattern.test(text));

export type StatusMessage = MessageOf<typeof Status>;

/** Milvus's codes (`code` of Status, pkg/util/merr in milvus-io/milvus), where they decide what a fault is. */
const BY_CODE: Readonly<Record<number, ErrorCode>> = {
  2: 'SOURCE_BUSY',
  4: 'SOURCE_BUSY',
  8: 'SOURCE_BUSY',
  10: 'SOURCE_UNSUPPORTED',
  100: 'COLLECTION_NOT_FOUND',
  101: 'COLLECTION_NOT_LOADED',
  103: 'COLLECTION_NOT_LOADED',
  200: 'COLLECTION_CHANGED',
  201: 'COLLECTION_NOT_LOADED',
  202: 'COLLECTION_NOT_LOADED',
  // A segment that was merged away between two looks of the server's own: asked again, it names what took its place.
  600: 'SOURCE_BUSY',
  800: 'DATABASE_NOT_FOUND',
  1400: 'SOURCE_AUTH_FAILED',
  1401: 'SOURCE_AUTH_FAILED',
};

/** The older enum (`error_code`), sent alone by Milvus before 2.3 and beside the newer one since. */
const BY_OLD_CODE: Readonly<Record<number, ErrorCode>> = {
  3: 'SOURCE_AUTH_FAILED',
  4: 'COLLECTION_NOT_FOUND',
  28: 'COLLECTION_NOT_FOUND',
  49: 'SOURCE_BUSY',
  56: 'SOURCE_BUSY',
  57: 'SOURCE_BUSY',
};

/** What only the text tells: codes are shared by several faults, above all "unexpected error". */
const BY_REASON: readonly (readonly [RegExp, ErrorCode])[] = [
  // Partitions are named as the collection was described, so one that is missing was dropped since.
  [/partition.{0,300}not (found|exist)/i, 'COLLECTION_CHANGED'],
  [/database.{0,80}not (found|exist)|database not found/i, 'DATABASE_NOT_FOUND'],
  [/can'?t find collection|collection.{0,120}not (found|exist)|collection not found/i, 'COLLECTION_NOT_FOUND'],
  [/not (fully )?loaded|not been loaded|has not been loaded|is released/i, 'COLLECTION_NOT_LOADED'],
  [/collection id is not consistent/i, 'COLLECTION_CHANGED'],
  [/rate ?limit|too many requests|quota exceed/i, 'SOURCE_BUSY'],
  [/already exists?|duplicated? collection/i, 'TARGET_EXISTS'],
];

export const codeOfStatus = (status: StatusMessage): ErrorCode =>
  BY_CODE[status.code] ??
  BY_OLD_CODE[status.errorCode] ??
  BY_REASON.find(([pattern]) => pattern.test(status.reason))?.[1] ??
  'SOURCE_REJECTED';

/** Null for success; a {@link PageTooLarge} or a MilvaultError for what the server says went wrong. */
export function faultOfStatus(status: StatusMessage | null, call: string): Error | null {
  if (status === null || (status.code === 0 && status.errorCode === 0)) return null;
  if (saysTooLarge(status.reason)) return new PageTooLarge(status.reason);
  return rejected(status, call);
}

function rejected(status: StatusMessage, call: string): MilvaultError {
  const said = status.reason === '' ? `code ${status.code || status.errorCode}` : status.reason;
  return fail(codeOfStatus(status), {
    what: `Milvus refused ${call}: ${said}`,
    details: { call, code: status.code, errorCode: status.errorCode, reason: status.reason },
  });
}
