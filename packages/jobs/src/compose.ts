import { createEngines, type EngineSource } from '@milvault/engines';
import { createMilvusClient, type MilvusAddress } from '@milvault/milvus';
import { initRepository, openRepository, type ReleaseTool, type Repository } from '@milvault/repository';
import { fail, nearest, normaliseAddress, type Clock, type Config, type Logger } from '@milvault/shared';
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
  const optionsOf = (asked: string) => ({ clock, logger, name: repositoryName(config, asked), release });
  const release: ReleaseTool = async (kind, tool) => {
    const engine = engines.get(kind);
    if (engine.tool === undefined) throw fail('INTERNAL', { what: `The engine ${kind} has no tool` });
    await engine.tool.remove(tool);
  };
  return {
    source: (asked) => sourceOf(config, asked),
    repository: (asked) => {
      const place = placeOf(config, asked);
      return once(place, () => openRepository(place, optionsOf(asked)));
    },
    initRepository: (asked) => {
      const place = placeOf(config, asked);
      return initRepository(place, optionsOf(asked));
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

function placeOf(config: Config, asked: string): string {
  const named = config.repositories.find(({ name }) => name === asked);
  if (named !== undefined) return named.place;
  if (path.isAbsolute(asked) || asked.startsWith('.') || asked.includes('/')) return path.resolve(asked);
  const names = config.repositories.map(({ name }) => name);
  const near = nearest(asked, names);
  throw fail('REPOSITORY_NOT_FOUND', {
    what: `There is no repository ${JSON.stringify(asked)}`,
    expected: [...names, 'a folder'].join(' or '),
    ...(near === null ? {} : { next: `Did you mean ${near}?` }),
  });
}

function repositoryName(config: Config, asked: string): string {
  const place = placeOf(config, asked);
  return config.repositories.find((one) => one.place === place)?.name ?? place;
}
