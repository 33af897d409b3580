import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { GetObjectCommandOutput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3Access } from '@milvault/shared';
import { readBody } from './body.ts';
import { isStoreFault, StoreFault, storeFault } from './faults.ts';
import { tryMs, type StoreLimits } from './limits.ts';
import { openSdk, type OpenSdk } from './sdk.ts';
import { timeLimit } from './time-limit.ts';

/**
 * One bucket, by whole keys. Every call is one try with a time limit, and rejects with a {@link StoreFault}, or with the
 * reason of the signal. That a write is `cut`, `busy` or stopped says nothing of whether it was done.
 */
export interface Bucket {
  readonly name: string;
  put(key: string, bytes: Uint8Array, options?: PutOptions): Promise<void>;
  /** `missing`, `no-bucket`; `range` where the range begins at or beyond the end. */
  get(key: string, range?: ByteRange): Promise<GotObject>;
  /** Null where there is none, or no bucket: a HEAD has no body that could tell which. */
  head(key: string): Promise<Listed | null>;
  /** One page in key order. */
  page(prefix: string, after: string | undefined, atMost: number): Promise<Page>;
  remove(key: string): Promise<void>;
  /** The same bucket, whose calls end with a signal. */
  within(signal: AbortSignal): Bucket;
}

export interface PutOptions {
  /** Write only where there is nothing: else `exists`. The token is kept with the object. */
  readonly onlyNew?: { readonly token: string };
  /** For a probe: a checksum of other bytes, or an end in the middle. */
  readonly spoil?: 'checksum' | 'tear';
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface GotObject {
  readonly bytes: Uint8Array;
  /** Of the whole object, where the answer told. */
  readonly size: number | null;
  /** What {@link PutOptions.onlyNew} wrote, where the store keeps it. */
  readonly token: string | null;
}

export interface Listed {
  readonly key: string;
  readonly size: number;
  readonly modifiedAt: number;
}

export interface Page {
  readonly objects: readonly Listed[];
  /** What to ask the next page with; undefined: this was the last one. */
  readonly next: string | undefined;
}

const TOKEN = 'milvault-token';
/** Time for the first half of a torn write to arrive. */
const TEAR_MS = 300;

export function openBucket(name: string, access: S3Access, limits: StoreLimits): Bucket {
  let opening: Promise<OpenSdk> | undefined;
  const { credentials } = access;
  const hide = credentials === null ? [] : [credentials.accessKey, credentials.secretKey, credentials.sessionToken];
  const secrets = hide.flatMap((one) => (one === null ? [] : [one.reveal()]));
  return bucketWithin({ name, access, limits, secrets, open: () => (opening ??= openSdk(access, limits)) }, undefined);
}

interface BucketParts {
  readonly name: string;
  readonly access: S3Access;
  readonly limits: StoreLimits;
  /** Texts that no fault may show. */
  readonly secrets: readonly string[];
  readonly open: () => Promise<OpenSdk>;
}

type Work<T> = (open: OpenSdk, options: { abortSignal: AbortSignal }, setLimit: (ms: number) => void) => Promise<T>;

function bucketWithin(parts: BucketParts, outer: AbortSignal | undefined): Bucket {
  const { name, access, limits } = parts;
  /** One call, of `bytes` bytes as far as that is known, within its time. */
  const call = async <T>(bytes: number, work: Work<T>): Promise<T> => {
    const open = await parts.open();
    outer?.throwIfAborted();
    const { signal, set, end } = timeLimit(tryMs(limits, bytes), outer);
    try {
      return await work(open, { abortSignal: signal }, set);
    } catch (error) {
      outer?.throwIfAborted();
      if (isStoreFault(error)) throw error;
      if (signal.aborted) throw new StoreFault('cut', 'no complete answer came in time');
      throw storeFault(error, parts.secrets);
    } finally {
      end();
    }
  };
  return {
    name,
    within: (signal) => bucketWithin(parts, signal),
    put: (key, bytes, options = {}) =>
      call(bytes.length, async ({ client, sdk }, { abortSignal }, setLimit) => {
        const tear = (): void => setLimit(TEAR_MS);
        const hash = createHash('sha256').update(bytes).digest();
        const command = new sdk.PutObjectCommand(putInput(name, access, { key, bytes, hash, options, tear }));
        // The signature covers the hash of the body: given, the SDK need not make it a second time.
        command.middlewareStack.add(
          (next) => (args) => {
            // The type of a request is left open by the SDK: its build step holds an HTTP request.
            const { headers } = args.request as { headers: Record<string, string> };
            headers['x-amz-content-sha256'] = hash.toString('hex');
            return next(args);
          },
          { step: 'build', name: 'bodyHash' },
        );
        await client.send(command, { abortSignal });
      }),
    get: (key, range) =>
      call(range?.length ?? 0, async ({ client, sdk }, options, setLimit) => {
        const answer = await client.send(
          new sdk.GetObjectCommand({
            Bucket: name,
            Key: key,
            ...(range === undefined ? {} : { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` }),
          }),
          options,
        );
        setLimit(tryMs(limits, answer.ContentLength ?? 0));
        return readAnswer(answer, range);
      }),
    head: (key) =>
      call(0, async ({ client, sdk }, options) => {
        try {
          const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: name, Key: key }), options);
          return { key, size: answer.ContentLength ?? 0, modifiedAt: answer.LastModified?.getTime() ?? 0 };
        } catch (error) {
          if (storeFault(error).kind === 'missing') return null;
          throw error;
        }
      }),
    page: (prefix, after, atMost) =>
      call(0, async ({ client, sdk }, options) => {
        const answer = await client.send(
          new sdk.ListObjectsV2Command({ Bucket: name, Prefix: prefix, ContinuationToken: after, MaxKeys: atMost }),
          options,
        );
        const next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
        if (answer.IsTruncated === true && next === undefined) {
          throw new StoreFault('refused', 'the store says that a list goes on, and not how');
        }
        const objects = (answer.Contents ?? []).map((one) => {
          if (one.Key === undefined || one.Size === undefined) {
            throw new StoreFault('refused', 'the store lists an object without key or size');
          }
          return { key: one.Key, size: one.Size, modifiedAt: one.LastModified?.getTime() ?? 0 };
        });
        return { objects, next };
      }),
    remove: (key) =>
      call(0, async ({ client, sdk }, options) => {
        await client.send(new sdk.DeleteObjectCommand({ Bucket: name, Key: key }), options);
      }),
  };
}

interface PutOf {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes. */
  readonly hash: Buffer;
  readonly options: PutOptions;
  /** Breaks the connection off in a moment. */
  readonly tear: () => void;
}

function putInput(bucket: string, { checksum }: S3Access, put: PutOf): PutObjectCommandInput {
  const { key, bytes, options, tear } = put;
  const { onlyNew, spoil } = options;
  const hash = checksumOf(put, checksum).toString('base64');
  return {
    Bucket: bucket,
    Key: key,
    Body: spoil === 'tear' ? torn(bytes, tear) : bytes,
    ContentLength: bytes.length,
    ...(checksum === 'sha256' ? { ChecksumSHA256: hash } : { ContentMD5: hash }),
    ...(onlyNew === undefined ? {} : { IfNoneMatch: '*', Metadata: { [TOKEN]: onlyNew.token } }),
  };
}

function checksumOf({ bytes, hash, options }: PutOf, kind: S3Access['checksum']): Buffer {
  if (options.spoil === 'checksum') return createHash(kind).update(bytes).update('other').digest();
  return kind === 'sha256' ? hash : createHash(kind).update(bytes).digest();
}

/** Half of the bytes, and then nothing until the connection is broken off. */
const torn = (bytes: Uint8Array, tear: () => void): Readable =>
  Readable.from(
    (async function* () {
      yield bytes.subarray(0, bytes.length >> 1);
      tear();
      await new Promise(() => undefined);
    })(),
  );

async function readAnswer(answer: GetObjectCommandOutput, range: ByteRange | undefined): Promise<GotObject> {
  const { Body, ContentLength, ContentRange, Metadata } = answer;
  // In Node a body is a stream of bytes; its type also has the browser's kinds.
  const body = Body as AsyncIterable<Uint8Array> | undefined;
  const bytes = body === undefined ? new Uint8Array() : await readBody(body, ContentLength);
  const size = range === undefined ? bytes.length : totalOf(ContentRange, range, bytes.length);
  return { bytes, size, token: Metadata?.[TOKEN] ?? null };
}

/** The size of the whole object, and a fault where another range came than was asked for. */
function totalOf(contentRange: string | undefined, { offset, length }: ByteRange, got: number): number {
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange ?? '') ?? [];
  const size = Number(total);
  const wanted = Math.min(length, size - offset);
  if (Number(from) === offset && Number(to) === offset + wanted - 1 && got === wanted) return size;
  throw new StoreFault('cut', `asked for ${length} bytes from ${offset}, got ${got} as ${contentRange ?? 'no range'}`);
}
