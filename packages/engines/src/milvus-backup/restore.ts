import type { MilvusClient } from '@milvault/milvus';
import type { Manifest, ToolRecord } from '@milvault/repository';
import { fail, normaliseAddress, type RestoreReport, type Warning } from '@milvault/shared';
import type {
  EngineContext,
  EngineSource,
  RestorePart,
  RestorePlan,
  RestorePartResult,
  RestoreRequest,
  WouldRestore,
} from '../port.ts';
import { fullName, parseNewName, type CollectionName } from '../rows/names.ts';
import { warning } from '../rows/warnings.ts';
import { requireTool } from '../tool/record.ts';
import { tellShare } from './progress.ts';
import type { Server, Task } from './server.ts';

interface Move {
  readonly from: CollectionName;
  readonly to: CollectionName;
  /** Null: not known. */
  readonly rows: number | null;
}

export interface ServerRestorePlan extends RestorePlan {
  readonly api: string;
  readonly name: string;
  /** Under which the server knows the restore; each try after a restart of it takes one of its own. */
  readonly id: string;
  readonly moves: readonly Move[];
}

const POLL_MS = 500;
const ABANDON_MS = 600_000;
const DEFAULT_SUFFIX = '_restored';

const restoredWith = (): Warning[] => [warning('TOOL_RESTORE_COUNTED'), warning('TOOL_LEAVES_OUT')];

/** Which collections get which names, or why not: OPTION_UNSUPPORTED, COLLECTION_NOT_FOUND, NAME_INVALID. */
function chooseMoves(target: EngineSource, manifest: Manifest, request: RestoreRequest): Move[] {
  const tool = requireTool(manifest.tool);
  if (normaliseAddress(target.address) !== normaliseAddress(manifest.sourceAddress)) {
    throw unsupported(
      'A milvus-backup server restores into the Milvus that it serves',
      manifest.sourceAddress,
      target.address,
    );
  }
  if (request.partitions.length > 0) {
    throw unsupported(
      'A milvus-backup server restores whole collections',
      'no partitions',
      request.partitions.join(', '),
    );
  }
  if (request.salvage === true) {
    throw unsupported(
      'The data lies with the milvus-backup server, so what is left of it is not known',
      'no salvage',
      '',
    );
  }
  return movesOf(tool, request);
}

export function wouldRestore(target: EngineSource, manifest: Manifest, request: RestoreRequest): WouldRestore {
  const collections = chooseMoves(target, manifest, request).map(({ from, to, rows }) => ({
    ...from,
    targetDatabase: to.database,
    targetCollection: to.collection,
    rows,
    bytes: null,
  }));
  return { collections, warnings: restoredWith() };
}

export async function planRestore(
  client: MilvusClient,
  target: EngineSource,
  manifest: Manifest,
  request: RestoreRequest,
  { clock, signal }: EngineContext,
): Promise<ServerRestorePlan> {
  const tool = requireTool(manifest.tool);
  const moves = chooseMoves(target, manifest, request);
  for (const { to } of moves) {
    if (!(await client.hasCollection(to, signal))) continue;
    throw fail('TARGET_EXISTS', { what: `The collection ${fullName(to)} is there already` });
  }
  const rowsTotal = moves.reduce((sum, one) => sum + (one.rows ?? 0), 0);
  return {
    backupId: manifest.backupId,
    startedAt: clock.now(),
    newDatabases: [],
    collections: [],
    parts: [{ number: 0, collection: 0 }],
    warnings: restoredWith(),
    rowsTotal,
    aliases: false,
    api: tool.api,
    name: tool.name,
    id: `milvault_${manifest.backupId}_${clock.now()}`,
    moves,
  };
}

function movesOf({ collections }: ToolRecord, request: RestoreRequest): Move[] {
  const named = (one: CollectionName, name: string): boolean =>
    fullName(one) === name || `${one.database}.${one.collection}` === name;
  for (const name of [...request.collections, ...Object.keys(request.rename)]) {
    if (collections.some((one) => named(one, name))) continue;
    throw fail('COLLECTION_NOT_FOUND', {
      what: `The backup does not hold ${name}`,
      expected: collections.map(fullName).join(', ') || 'unknown: the tool did not say what it holds',
    });
  }
  return collections
    .filter((one) => request.collections.length === 0 || request.collections.some((name) => named(one, name)))
    .map(({ database, collection, rows }) => {
      const from = { database, collection };
      const [, renamed] = Object.entries(request.rename).find(([name]) => named(from, name)) ?? [];
      const to = renamed ?? `${fullName(from)}${request.suffix ?? DEFAULT_SUFFIX}`;
      return { from, to: parseNewName(to, database), rows };
    });
}

/** Starts the restore, or finds it going on or done. A server that was restarted has forgotten it: it begins anew. */
export async function restorePart(
  server: Server,
  client: MilvusClient,
  plan: ServerRestorePlan,
  part: RestorePart,
  { signal, clock, logger, onProgress }: EngineContext,
): Promise<RestorePartResult> {
  let task = await server.restored(plan.id, signal);
  if (task === null || task.state === 'failed') {
    // None of them was there when this restore was planned.
    await dropTargets(client, plan, signal);
    const renames = Object.fromEntries(plan.moves.map(({ from, to }) => [dotted(from), dotted(to)]));
    await server.restore({ id: plan.id, name: plan.name, renames }, signal);
    task = await server.restored(plan.id, signal);
  } else {
    logger.info(`The server has the restore ${plan.id} already: it goes on`);
  }
  const tell = tellShare('rows', onProgress);
  for (; task !== null && isOpen(task); task = await server.restored(plan.id, signal)) {
    tell(plan.rowsTotal, task.progress);
    await clock.sleep(POLL_MS, signal);
  }
  if (task?.state === 'done') {
    tell(plan.rowsTotal, 100);
    return { number: part.number, collection: part.collection, rows: plan.rowsTotal, bytes: 0 };
  }
  if (task === null) {
    throw fail('TOOL_UNREACHABLE', {
      what: `The milvus-backup server at ${plan.api} was restarted and has forgotten the restore`,
    });
  }
  throw fail('TOOL_REFUSED', {
    what: `The milvus-backup server at ${plan.api} could not restore ${plan.name}`,
    got: task.error || 'no reason',
  });
}

const isOpen = ({ state }: Task): boolean => state === 'running' || state === 'waiting';
const dotted = ({ database, collection }: CollectionName): string => `${database}.${collection}`;

/** Counts what is there now. RESTORE_MISMATCH where a collection or rows are missing that the server called restored. */
export async function finishRestore(
  client: MilvusClient,
  target: EngineSource,
  plan: ServerRestorePlan,
  { signal, clock }: EngineContext,
): Promise<RestoreReport> {
  const collections: RestoreReport['collections'] = [];
  for (const { from, to, rows } of plan.moves) {
    if (!(await client.hasCollection(to, signal))) {
      throw fail('RESTORE_MISMATCH', { what: `The server said that it restored ${fullName(to)}, and it is not there` });
    }
    const definition = await client.describe(to, signal);
    await client.load(to, null, signal);
    const counted = await client.count({ definition, partition: null, signal });
    if (rows !== null && counted !== rows) {
      throw fail('RESTORE_MISMATCH', {
        what: `${fullName(to)} has not the rows of the backup`,
        expected: `${rows} rows`,
        got: `${counted} rows`,
      });
    }
    collections.push({
      ...from,
      targetDatabase: to.database,
      targetCollection: to.collection,
      rowsExpected: rows ?? counted,
      rowsRestored: counted,
      // Counted, and not compared: milvault has no data to compare with.
      contentEqual: false,
    });
  }
  const at = clock.now();
  return {
    backup: plan.backupId,
    target: target.address,
    at,
    durationMs: Math.max(0, at - plan.startedAt),
    rows: collections.reduce((sum, one) => sum + one.rowsRestored, 0),
    bytes: 0,
    collections,
    warnings: [...plan.warnings],
  };
}

/** A restore cannot be cancelled, so its end is waited for; then what it made goes. */
export async function abandonRestore(
  server: Server,
  client: MilvusClient,
  plan: ServerRestorePlan,
  { clock }: Pick<EngineContext, 'clock'>,
): Promise<void> {
  const signal = AbortSignal.timeout(ABANDON_MS);
  for (
    let task = await server.restored(plan.id, signal);
    task !== null && isOpen(task);
    task = await server.restored(plan.id, signal)
  ) {
    await clock.sleep(POLL_MS, signal);
  }
  await dropTargets(client, plan, signal);
}

async function dropTargets(client: MilvusClient, { moves }: ServerRestorePlan, signal: AbortSignal): Promise<void> {
  for (const { to } of moves) if (await client.hasCollection(to, signal)) await client.drop(to);
}

const unsupported = (what: string, expected: string, got: string): Error =>
  fail('OPTION_UNSUPPORTED', { what, expected, got });
