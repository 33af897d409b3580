import { fail, type CollectionDefinition } from '@milvault/shared';
import type {
  BackupPlan,
  BackupRequest,
  Engine,
  EngineContext,
  EngineSource,
  PlannedCollection,
  RestorePlan,
} from '../port.ts';
import { chooseCollections, describeChosen } from '../rows/catalogue.ts';
import { createSessions, type RowsEngineDeps, type Session } from '../rows/connect.ts';
import { countAll, inspect } from '../rows/inspect.ts';
import { fullName } from '../rows/names.ts';
import { checkByTool, type ToolWord } from '../tool/check.ts';
import { inspectedForTool, toolOf } from '../tool/record.ts';
import { servesBy } from '../tool/serve.ts';
import { backupPart, isKeyOf, type ServerPart, type ServerPartResult } from './backup.ts';
import { finishBackup, knownBefore } from './finish.ts';
import {
  abandonRestore,
  finishRestore,
  planRestore,
  restorePart,
  wouldRestore,
  type ServerRestorePlan,
} from './restore.ts';
import { createServer } from './server.ts';

const never = (): AbortSignal => new AbortController().signal;

/** Drives the official milvus-backup server (`docs/tools.md`). Milvus itself is asked only for names and counts. */
export function createMilvusBackupEngine(deps: RowsEngineDeps): Engine {
  const within = createSessions(deps);
  return {
    kind: 'milvus-backup',
    abilities: { incremental: false, partitions: false, rename: true, consistency: 'fuzzy', lacks: ['drill'] },
    serves: (source, { signal }) => servesBy('milvus-backup', source, signal),
    inspect: async (source, collections, context) => {
      const seen = await within(source, context.signal, (session) => inspect(session, collections, context));
      return inspectedForTool(seen, knownBefore());
    },
    planBackup: (source, _repository, request, context) =>
      within(source, context.signal, (session) => planBackup(session, apiOf(source), request, context)),
    backupPart: (_source, _repository, draft, part, _fence, context) => {
      // Its own part, as it was planned.
      const own = part as ServerPart;
      return backupPart(createServer(own.api), draft, own, context);
    },
    finishBackup: (source, _repository, _draft, plan, results, context) =>
      within(source, context.signal, async (session) => {
        const definitions = plan.collections.map(({ definition }) => definition);
        const counts = await countsOf(session, definitions, context.signal);
        // One part, one result: this engine's own.
        return finishBackup(plan, plan.parts[0] as ServerPart, results[0] as ServerPartResult, counts);
      }),
    verify: async (repository, id, options, context) => {
      const { api, key = null } = await toolOf(repository, id);
      return checkByTool(repository, id, options, context.clock, async (name) => ({
        word: await wordOf(api, name, key, context.signal),
        by: `the milvus-backup server at ${api}: it still lists the backup`,
      }));
    },
    wouldRestore: (target, _repository, manifest, request) =>
      Promise.resolve().then(() => wouldRestore(target, manifest, request)),
    planRestore: (target, _repository, manifest, request, context) =>
      within(target, context.signal, ({ client }) => planRestore(client, target, manifest, request, context)),
    beginRestore: (_target, _repository, plan) => Promise.resolve(plan),
    restorePart: (target, _repository, plan, part, _attempt, context) =>
      within(target, context.signal, ({ client }) => {
        const own = ownPlan(plan);
        return restorePart(createServer(own.api), client, own, part, context);
      }),
    finishRestore: (target, _repository, plan, context) =>
      within(target, context.signal, ({ client }) => finishRestore(client, target, ownPlan(plan), context)),
    abandonRestore: (target, plan, context) =>
      within(target, never(), ({ client }) => {
        const own = ownPlan(plan);
        return abandonRestore(createServer(own.api), client, own, context);
      }),
    tool: {
      list: (source, { signal }) => createServer(apiOf(source)).list(signal),
      remove: ({ api, name, key }) => remove(api, name, key ?? null),
      abandon: async ({ tool }, { backupId }) => {
        if (tool === undefined) return;
        const server = createServer(tool);
        const own = (await server.list(never())).filter(({ key }) => isKeyOf(backupId, key));
        for (const { name } of own) await server.remove(name, never());
      },
    },
  };
}

/** Plans of this engine are made here alone. */
const ownPlan = (plan: RestorePlan): ServerRestorePlan => plan as ServerRestorePlan;

async function planBackup(
  session: Session,
  api: string,
  request: BackupRequest,
  { signal }: EngineContext,
): Promise<BackupPlan> {
  const { names, databases, warnings } = await chooseCollections(session.client, request.collections, signal);
  const described = await Promise.all(names.map((name) => describeChosen(session.client, name, signal)));
  const definitions = described.filter((one) => one !== null);
  const counts = await countsOf(session, definitions, signal);
  const collections = definitions.map((definition): PlannedCollection => ({
    definition,
    countBefore: counts.get(fullName(definition)) ?? 0,
    wholeBecause: null,
  }));
  if (collections.length === 0) {
    // The server takes no name for "everything".
    throw fail('COLLECTION_NOT_FOUND', { what: 'There is no collection to back up' });
  }
  const part: ServerPart = {
    number: 0,
    collection: 0,
    api,
    collections: definitions.map(({ database, collection }) => `${database}.${collection}`),
  };
  return {
    serverVersion: session.version,
    databases,
    collections,
    parts: [part],
    warnings,
    rowsTotal: collections.reduce((sum, { countBefore }) => sum + countBefore, 0),
    consistency: 'fuzzy',
    base: null,
  };
}

/** Strong counts by full name. A collection that is not loaded has none: its rows are not known then. */
async function countsOf(
  session: Session,
  definitions: readonly CollectionDefinition[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const definition of definitions) {
    if (definition.loaded) counts.set(fullName(definition), await countAll(session, definition, signal));
  }
  return counts;
}

async function wordOf(api: string, name: string, key: string | null, signal: AbortSignal): Promise<ToolWord> {
  const held = (await createServer(api).list(signal)).find((one) => one.name === name);
  if (held !== undefined && (key === null || held.key === key)) return { damage: null };
  return {
    code: 'OBJECT_MISSING',
    damage: held === undefined ? `the server no longer has ${name}` : `the server has another backup as ${name}`,
  };
}

/** Only what is ours by name and id. The list reads the storage, so that what is not in it is gone there. */
async function remove(api: string, name: string, key: string | null): Promise<void> {
  const server = createServer(api);
  const holds = async (): Promise<boolean> =>
    (await server.list(never())).some((one) => one.name === name && (key === null || one.key === key));
  if (!(await holds())) return;
  await server.remove(name, never());
  if (!(await holds())) return;
  throw fail('TOOL_REFUSED', {
    what: `The milvus-backup server at ${api} said that it deleted ${name}, and still has it`,
  });
}

function apiOf({ tool, address }: EngineSource): string {
  if (tool !== undefined) return tool;
  throw fail('OPTION_UNSUPPORTED', { what: `No backup tool is configured for ${address}` });
}
