import { createEngines, type EngineSource } from '@milvault/engines';
import { createMilvusClient, type MilvusAddress } from '@milvault/milvus';
import {
  initRepository,
  openRepository,
  openStorage,
  probeStorage,
  type ReleaseTool,
  type Repository,
} from '@milvault/repository';
import {
  fail,
  isBucketPlace,
  nearest,
  normaliseAddress,
  requireBucketPlace,
  type Clock,
  type Config,
  type Logger,
  type StoragePlace,
} from '@milvault/shared';
import path from 'node:path';
import type { Adapters } from './adapters.ts';

/** The one place where adapters are built. Nothing is opened before it is asked for. */
export function composeAdapters(config: Config, deps: { readonly clock: Clock; readonly logger: Logger }): Adapters {
  const { clock, logger } = deps;
  const connect = (address: MilvusAddress) => createMilvusClient(address, { clock });
  const engines = createEngines({ connect, clock });
  const opened = new Map<string, Promise<Repository>>();
  /** A failed opening is forgotten, so that a mount that comes later is found. */
  const once = (place: string, open: () => Promise<Repository>): Promise<Repository> => {
    const known = opened.get(place);
    if (known !== undefined) return known;
    const opening = open().catch((thrown: unknown) => {
      opened.delete(place);
      throw thrown;
    });
    opened.set(place, opening);
    return opening;
  };
  const release: ReleaseTool = async (kind, tool) => {
    const engine = engines.get(kind);
    if (engine.tool === undefined) throw fail('INTERNAL', { what: `The engine ${kind} has no tool` });
    await engine.tool.remove(tool);
  };
  const optionsOf = (asked: string) => ({
    clock,
    logger,
    name: repositoryName(config, asked),
    access: placeOf(config, asked).access,
    release,
  });
  return {
    source: (asked) => sourceOf(config, asked),
    repository: (asked) => {
      const { place } = placeOf(config, asked);
      return once(place, () => openRepository(place, optionsOf(asked)));
    },
    initRepository: (asked) => {
      const { place } = placeOf(config, asked);
      return initRepository(place, optionsOf(asked));
    },
    probeRepository: (asked, signal, keys) => {
      const { place, access } = placeOf(config, asked);
      return probeStorage(openStorage(place, clock, access), clock, {
        signal,
        ...(keys === undefined ? {} : { keys }),
      });
    },
    repositoryName: (asked) => repositoryName(config, asked),
    connect,
    engines,
  };
}

function sourceOf(config: Config, asked: string): EngineSource {
  const named = config.sources.find(({ name }) => name === asked);
  if (named !== undefined) return named;
  const names = config.sources.map(({ name }) => name);
  if (!/:\d{1,5}\/?$/.test(asked) || /[@\s]/.test(asked)) {
    const near = nearest(asked, names);
    throw fail('SOURCE_NOT_FOUND', {
      what: `There is no source ${JSON.stringify(asked.replace(/^.*@/, '…@'))}`,
      expected: [...names, 'host:port'].join(' or '),
      ...(near === null ? {} : { next: `Did you mean ${near}?` }),
    });
  }
  const address = normaliseAddress(asked);
  // The same Milvus under its address: what is configured for it holds.
  const configured = config.sources.find((source) => normaliseAddress(source.address) === address);
  return configured ?? { address, tls: /^https:/i.test(asked), credentials: null };
}

function placeOf(config: Config, asked: string): StoragePlace {
  const named = config.repositories.find(({ name }) => name === asked);
  if (named !== undefined) return named;
  if (isBucketPlace(asked)) return bucketOf(config, asked);
  if (path.isAbsolute(asked) || asked.startsWith('.') || asked.includes('/'))
    return { place: path.resolve(asked), access: null };
  const names = config.repositories.map(({ name }) => name);
  const near = nearest(asked, names);
  throw fail('REPOSITORY_NOT_FOUND', {
    what: `There is no repository ${JSON.stringify(asked)}`,
    expected: [...names, 'a folder', 's3://bucket/prefix'].join(' or '),
    ...(near === null ? {} : { next: `Did you mean ${near}?` }),
  });
}

/** A bucket that was typed. Where it is configured too, what is configured for it holds. */
function bucketOf(config: Config, asked: string): StoragePlace {
  const place = requireBucketPlace(asked);
  return config.repositories.find((one) => one.place === place) ?? { place, access: config.s3 };
}

function repositoryName(config: Config, asked: string): string {
  const { place } = placeOf(config, asked);
  return config.repositories.find((one) => one.place === place)?.name ?? place;
}
