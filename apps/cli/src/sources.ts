import { resolve } from 'node:path';
import {
  fail,
  isBucketPlace,
  parseConfig,
  requireBucketPlace,
  type Config,
  type Source,
  type StoragePlace,
} from '@milvault/shared';
import { isAddress } from './choose.ts';
import type { Cli, OpenOptions } from './cli.ts';

type Base = Pick<Cli, 'env' | 'folder'>;

/** What the API's machine sees under a path is not what this one does: a storage is configured where the API runs. */
export function refuseStorage({ milvusStorage }: OpenOptions): void {
  if (milvusStorage === undefined) return;
  throw fail('OPTION_UNSUPPORTED', {
    what: 'The storage of a Milvus is not sent to the API',
    expected: '--milvus-storage with --local',
    got: 'no --local',
    next: 'Configure `storage` of the source where the API runs, or add --local',
  });
}

/** Credentials never travel in a request to the API: they would lie in its queue. */
export function refuseTokenFile({ tokenFile }: OpenOptions): void {
  if (tokenFile === undefined) return;
  throw fail('OPTION_UNSUPPORTED', {
    what: 'A token of Milvus is not sent to the API',
    expected: '--token-file with --local',
    got: 'no --local',
    next: 'Configure the source with its token where the API runs and give its name, or add --local',
  });
}

/**
 * The configuration with the addresses that were typed as sources of their own, so that they get their token. It goes to
 * what was named on this line (or is the only source configured) and nowhere else: least of all to an address that
 * merely stands in a backup.
 */
export function withTypedSources(base: Base, config: Config, options: OpenOptions): Config {
  const [only, more] = config.sources;
  const typed = options.sources ?? (only !== undefined && more === undefined ? [only.name] : []);
  if (typed.length === 0 && options.tokenFile !== undefined) {
    throw fail('REQUEST_INVALID', {
      what: 'There is no Milvus that the token could be for',
      expected: '--token-file with a source or target',
      got: 'neither',
      next: 'Name the Milvus too',
    });
  }
  const sources = typed.flatMap((asked) => {
    const configured = config.sources.find(({ name }) => name === asked);
    const storage = storageAt(base, config, options.milvusStorage) ?? configured?.storage ?? null;
    if (configured !== undefined && options.tokenFile === undefined) return [{ ...configured, storage }];
    const address = configured?.address ?? asked;
    if (!isAddress(address)) return [];
    const source = sourceAt(base, address, options.tokenFile);
    return [{ ...source, name: asked, tls: configured?.tls ?? source.tls, storage }];
  });
  const replaced = new Set(sources.map(({ name }) => name));
  return { ...config, sources: [...config.sources.filter(({ name }) => !replaced.has(name)), ...sources] };
}

/** A folder, or a bucket with the keys of `s3` of the configuration or of AWS_*. NAME_INVALID. */
function storageAt({ folder }: Base, config: Config, typed: string | undefined): StoragePlace | null {
  if (typed === undefined) return null;
  if (isBucketPlace(typed)) return { place: requireBucketPlace(typed), access: config.s3 };
  return { place: resolve(folder, typed), access: null };
}

/** Read as if the address and its token had been configured by their variables: one reader for both. */
function sourceAt({ env, folder }: Base, address: string, tokenFile: string | undefined): Source {
  const token = tokenFile === undefined ? env['MILVUS_TOKEN'] : `file:${resolve(folder, tokenFile)}`;
  const [source] = parseConfig('{}', { env: { ...env, MILVUS_ADDRESS: address, MILVUS_TOKEN: token }, folder }).sources;
  if (source === undefined) throw fail('SOURCE_NOT_FOUND', { got: JSON.stringify(address) });
  return source;
}
