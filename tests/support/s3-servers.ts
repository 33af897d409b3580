import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { secret, type S3Access } from '@milvault/shared';
import { afterAll, beforeAll } from 'vitest';
import { freePort } from '../../scripts/parts/free-port.ts';
import { startMoto } from '../../scripts/parts/moto.ts';
import type { Running } from '../../scripts/parts/processes.ts';
import type { S3Server, S3ServerOptions } from '../../scripts/parts/s3-server.ts';
import { startVersitygw } from '../../scripts/parts/versitygw.ts';
import { startS3rver } from './s3rver.ts';

type Start = (options: S3ServerOptions) => Promise<S3Server & { running: Pick<Running, 'stop'> }>;

/** Stores to test on. The good ones keep their promises; s3rver takes `If-None-Match` and ignores it. */
const STARTERS = { moto: startMoto, versitygw: startVersitygw, s3rver: startS3rver } as const satisfies Record<
  string,
  Start
>;
export type S3Kind = keyof typeof STARTERS;
export const GOOD_STORES: readonly S3Kind[] = ['moto', 'versitygw'];

/** First use builds the server. */
const START_MS = 300_000;

export interface S3UnderTest {
  readonly server: () => S3Server;
  readonly access: (changes?: Partial<S3Access>) => S3Access;
  /** A bucket of its own, as a place. */
  readonly newPlace: (prefix?: string) => Promise<string>;
  /** Puts every file of a folder below a place, under its path in the folder. */
  readonly fill: (place: string, folder: string) => Promise<void>;
  /** Writes every object whose key starts with a prefix into a folder, under the rest of its key. */
  readonly empty: (place: string, prefix: string, folder: string) => Promise<void>;
  /** Every key of a bucket, by a client that is not ours. */
  readonly keys: (place: string) => Promise<string[]>;
  /** What every object of a bucket holds, as text, by a client that is not ours. */
  readonly contents: (place: string) => Promise<string[]>;
}

/** Starts a store for the tests of this file, and stops it after them. Call it inside `describe`. */
export function s3Server(kind: S3Kind): S3UnderTest {
  let folder = '';
  let started: Awaited<ReturnType<Start>> | undefined;
  let buckets = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `milvault-${kind}-`));
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    started = await STARTERS[kind]({ folder, port: await freePort(), say });
  }, START_MS);
  afterAll(async () => {
    await started?.running.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const server = (): S3Server => {
    if (started === undefined) throw new Error(`expected ${kind} to run, and it does only inside of tests`);
    return started;
  };
  const access = (changes: Partial<S3Access> = {}): S3Access => ({
    endpoint: server().endpoint,
    region: 'us-east-1',
    credentials: {
      accessKey: secret(server().accessKey),
      secretKey: secret(server().secretKey),
      sessionToken: null,
    },
    pathStyle: true,
    checksum: 'sha256',
    ...changes,
  });
  return {
    server,
    access,
    newPlace: async (prefix = 'backups/of milvus') => {
      buckets += 1;
      const bucket = `b-${process.pid}-${buckets}`;
      await withClient(access(), (client) => client.send(new CreateBucketCommand({ Bucket: bucket })));
      return `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
    },
    fill: (place, folder) => withClient(access(), (client) => putAll(client, place, folder)),
    empty: (place, prefix, folder) => withClient(access(), (client) => getAll(client, place, prefix, folder)),
    keys: (place) => withClient(access(), (client) => allKeys(client, place)),
    contents: (place) =>
      withClient(access(), async (client) => {
        const Bucket = place.split('/')[2];
        const keys = await allKeys(client, place);
        return Promise.all(
          keys.map(async (Key) => {
            const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
            return (await Body?.transformToString('latin1')) ?? '';
          }),
        );
      }),
  };
}

async function withClient<T>({ endpoint, credentials }: S3Access, work: (client: S3Client) => Promise<T>): Promise<T> {
  const config: S3ClientConfig = {
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: {
      accessKeyId: credentials?.accessKey.reveal() ?? '',
      secretAccessKey: credentials?.secretKey.reveal() ?? '',
    },
  };
  const client = new S3Client(endpoint === null ? config : { ...config, endpoint });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

async function putAll(client: S3Client, place: string, folder: string): Promise<void> {
  const [, , Bucket, ...prefix] = place.split('/');
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const Key = [...prefix, ...relative(folder, file).split(sep)].join('/');
    await client.send(new PutObjectCommand({ Bucket, Key, Body: await readFile(file) }));
  }
}

async function getAll(client: S3Client, place: string, prefix: string, folder: string): Promise<void> {
  const Bucket = place.split('/')[2];
  for (const Key of await allKeys(client, place)) {
    if (!Key.startsWith(prefix)) continue;
    const file = join(folder, Key.slice(prefix.length));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, (await Body?.transformToByteArray()) ?? new Uint8Array());
  }
}

async function allKeys(client: S3Client, place: string): Promise<string[]> {
  const Bucket = place.split('/')[2];
  const keys: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return keys;
}
