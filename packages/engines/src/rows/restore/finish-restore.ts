import type { CollectionRef, MilvusClient } from '@milvault/milvus';
import type { CollectionIndex } from '@milvault/repository';
import {
  fail,
  hasCode,
  type CollectionDefinition,
  type Damage,
  type RestoreReport,
  type Warning,
} from '@milvault/shared';
import type { EngineContext, PlannedRestore, RestorePlan } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import type { Session } from '../connect.ts';
import { warning } from '../warnings.ts';
import { compareContent } from './compare.ts';
import { nameOfTarget } from './plan-restore.ts';
import { completeCollection, definitionAs, stagingRef, targetRef } from './staging.ts';
import { isOf } from './sound.ts';

/** Proves one restored collection equal: RESTORE_MISMATCH. Gives what it cannot be sure of. */
export type Compare = (planned: PlannedRestore, restored: CollectionDefinition) => Promise<readonly Warning[] | void>;

const storedFiles = ({ chunks, segments }: CollectionIndex): readonly { readonly size: number }[] => [
  ...chunks,
  ...(segments?.list.flatMap(({ files }) => files) ?? []),
];

/**
 * Proves all collections equal under their staging names, and only then gives them their names and the rest of what
 * they had. Fine to repeat: a collection that has its final name already is proved again there.
 */
export async function finishRestore(
  session: Session,
  plan: RestorePlan,
  context: EngineContext,
  compare: Compare = ({ index }, restored) => compareContent(session, index, restored, context),
): Promise<RestoreReport> {
  const { client } = session;
  const { signal, clock } = context;
  const warnings: Warning[] = [...plan.warnings];
  await mapAtOnce(plan.collections, CALLS_AT_ONCE, async (planned) => {
    const ref = await whereItIs(client, planned, signal);
    await makeReadable(client, planned, ref, signal);
    warnings.push(...((await compare(planned, await client.describe(ref, signal))) ?? []));
  });
  for (const planned of plan.collections) {
    const ref = await whereItIs(client, planned, signal);
    if (ref.collection === planned.stagingCollection) await client.rename(ref, planned.targetCollection, signal);
    await putBackProperties(client, planned, signal);
    if (plan.aliases) warnings.push(...(await putBackAliases(client, planned, signal)));
    await putBackLoadState(client, planned, signal);
  }
  const collections = plan.collections.map((planned) => restoredAs(planned, plan.lost ?? []));
  const now = clock.now();
  return {
    backup: plan.backupId,
    target: client.address,
    at: now,
    durationMs: Math.max(0, now - plan.startedAt),
    rows: plan.rowsTotal,
    bytes: plan.collections.flatMap((one) => storedFiles(one.index)).reduce((sum, file) => sum + file.size, 0),
    collections,
    warnings,
    ...(plan.lost === undefined ? {} : { lost: [...plan.lost] }),
  };
}

/** Proved equal to what is left of the backup; equal to the backup where nothing of it is lost. */
function restoredAs(
  { index, targetDatabase, targetCollection }: PlannedRestore,
  lost: readonly Damage[],
): RestoreReport['collections'][number] {
  const { database, collection } = index.definition;
  const ofIt = lost.filter((one) => isOf(one, index.definition));
  const rowsLost = ofIt.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
  return {
    database,
    collection,
    targetDatabase,
    targetCollection,
    rowsExpected: index.rows + rowsLost,
    rowsRestored: index.rows,
    contentEqual: ofIt.length === 0,
  };
}

/** Under its staging name or, where an earlier try of this step came that far, under its final one. */
async function whereItIs(client: MilvusClient, planned: PlannedRestore, signal: AbortSignal): Promise<CollectionRef> {
  const [staging, target] = [stagingRef(planned), targetRef(planned)];
  const staged = await client.hasCollection(staging, signal);
  const named = await client.hasCollection(target, signal);
  if (staged && named) {
    throw fail('TARGET_EXISTS', {
      what: `${nameOfTarget(planned)} came to be on the target while the restore went on`,
      next: 'Nothing was replaced; drop that collection or restore under another name',
    });
  }
  if (!staged && !named) {
    throw fail('RESTORE_MISMATCH', { what: `${nameOfTarget(planned)} vanished from the target during its restore` });
  }
  return staged ? staging : target;
}

async function makeReadable(
  client: MilvusClient,
  planned: PlannedRestore,
  ref: CollectionRef,
  signal: AbortSignal,
): Promise<void> {
  const definition = definitionAs(planned.index.definition, ref, planned.autoId);
  // No flush: what was acknowledged is in Milvus's log, and a load reads it from there in half the time of both.
  // Nothing is created: what vanished was renamed or dropped by another try, and nobody would drop a new one.
  await completeCollection(client, definition, planned, signal);
  await client.load(ref, null, signal);
}

const KEEPS_KEYS = 'allow_insert_auto_id';

/** Properties last, above all the time-to-live, which would have eaten rows before they were compared. */
async function putBackProperties(client: MilvusClient, planned: PlannedRestore, signal: AbortSignal): Promise<void> {
  const { properties, fields } = planned.index.definition;
  const borrowed =
    planned.autoId === 'property' &&
    fields.some((field) => field.autoId) &&
    !properties.some((property) => property.key === KEEPS_KEYS);
  const ref = targetRef(planned);
  if (borrowed) await client.removeProperties(ref, [KEEPS_KEYS], signal);
  if (properties.length > 0) await client.setProperties(ref, properties, signal);
}

async function putBackAliases(client: MilvusClient, planned: PlannedRestore, signal: AbortSignal): Promise<Warning[]> {
  const ref = targetRef(planned);
  const there = await client.describe(ref, signal);
  const warnings: Warning[] = [];
  for (const alias of planned.index.definition.aliases.filter((one) => !there.aliases.includes(one))) {
    try {
      await client.createAlias(ref, alias, signal);
    } catch (error) {
      if (!hasCode(error, 'TARGET_EXISTS')) throw error;
      warnings.push(warning('ALIAS_LEFT_ALONE', ref, `alias ${alias}`));
    }
  }
  return warnings;
}

async function putBackLoadState(client: MilvusClient, planned: PlannedRestore, signal: AbortSignal): Promise<void> {
  const { loaded, partitions } = planned.index.definition;
  const ref = targetRef(planned);
  // Milvus Lite releases a collection when it is renamed; a load of what is loaded does nothing.
  if (loaded && partitions.every((partition) => partition.loaded)) return client.load(ref, null, signal);
  await client.release(ref, signal);
  const some = partitions.filter((partition) => partition.loaded).map((partition) => partition.name);
  if (some.length > 0) await client.load(ref, some, signal);
}
