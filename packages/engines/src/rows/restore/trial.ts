import type { CreateOptions, MilvusClient } from '@milvault/milvus';
import type { CollectionIndex } from '@milvault/repository';
import {
  fail,
  hasCode,
  isMilvaultError,
  type CollectionDefinition,
  type RowBatch,
  type Warning,
} from '@milvault/shared';
import type { PlannedRestore } from '../../port.ts';
import { keysOf } from '../batches.ts';
import { fullName } from '../names.ts';
import { warning } from '../warnings.ts';
import { createMissing, definitionAs, dropIfThere, trialRef } from './staging.ts';

type IndexDefinition = CollectionDefinition['indexes'][number];

export interface TrialResult extends Pick<PlannedRestore, 'autoId' | 'indexes'> {
  readonly warnings: readonly Warning[];
}

/** What an engine brings to the beginning of a restore. */
export interface TrialMeans {
  /** How the keys of a collection that makes keys itself come back; null: that is to be found out with a saved row. */
  autoId(index: CollectionIndex): CreateOptions['autoId'] | null;
  /** A saved row and its partition; null where there is none. */
  firstRow(index: CollectionIndex): Promise<{ readonly partition: string; readonly row: RowBatch } | null>;
  /** Whether a load that begins before the rows are there sees all of them: not of an import. */
  loadsEarly(index: CollectionIndex): boolean;
}

/**
 * Finds out by doing whether the target can hold a collection: creates it empty under a name of its own, with its
 * partitions and indexes, and drops it again. TARGET_UNSUPPORTED where the target refuses the collection.
 */
export async function tryOut(
  client: MilvusClient,
  means: TrialMeans,
  planned: PlannedRestore,
  signal: AbortSignal,
): Promise<TrialResult> {
  const { index } = planned;
  const at = trialRef(planned);
  const ownKeys = index.definition.fields.some((field) => field.autoId);
  const definition = definitionAs(index.definition, at, 'property');
  try {
    // Of a try that died: it may have other indexes, and a row.
    await dropIfThere(client, at, signal);
    await createMissing(client, definition, { autoId: 'property', indexes: [] }, signal);
    const { indexes, warnings } = await tryIndexes(client, definition, signal);
    const known = ownKeys ? means.autoId(index) : 'property';
    const autoId = known ?? (await tryKeys(client, means, index, definition, signal));
    const lost = autoId === 'plain' ? [warning('AUTO_IDS_PLAIN', index.definition)] : [];
    return { autoId, indexes, warnings: [...warnings, ...lost] };
  } catch (error) {
    if (!hasCode(error, 'SOURCE_REJECTED', 'SOURCE_UNSUPPORTED')) throw error;
    throw fail('TARGET_UNSUPPORTED', {
      what: `The target cannot hold ${fullName(index.definition)}: ${error.message}`,
      cause: error,
      details: { database: index.definition.database, collection: index.definition.collection },
    });
  } finally {
    await dropIfThere(client, at);
  }
}

async function tryIndexes(
  client: MilvusClient,
  definition: CollectionDefinition,
  signal: AbortSignal,
): Promise<{ indexes: IndexDefinition[]; warnings: Warning[] }> {
  const indexes: IndexDefinition[] = [];
  const warnings: Warning[] = [];
  for (const wanted of definition.indexes) {
    const fault = await refusal(client.createIndex(definition, wanted, signal));
    if (fault === null) {
      indexes.push(wanted);
      continue;
    }
    const type = definition.fields.find((field) => field.name === wanted.field)?.type;
    if (type?.endsWith('Vector') !== true) {
      warnings.push(warning('INDEX_LEFT_OUT', definition, `${wanted.name} of ${wanted.field}: ${fault.message}`));
      continue;
    }
    const instead = automatic(wanted);
    await client.createIndex(definition, instead, signal);
    indexes.push(instead);
    warnings.push(warning('INDEX_REPLACED', definition, `${wanted.name} of ${wanted.field}: ${fault.message}`));
  }
  return { indexes, warnings };
}

const automatic = (index: IndexDefinition): IndexDefinition => ({
  ...index,
  params: [{ key: 'index_type', value: 'AUTOINDEX' }, ...index.params.filter((param) => param.key === 'metric_type')],
});

/** The target's refusal, or null where it did as it was told. What is no refusal is thrown. */
async function refusal(work: Promise<unknown>): Promise<Error | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (isMilvaultError(error) && hasCode(error, 'SOURCE_REJECTED', 'SOURCE_UNSUPPORTED', 'TARGET_UNSUPPORTED')) {
      return error;
    }
    throw error;
  }
}

/** Whether the target keeps given keys in a collection that makes keys itself: one saved row is written and looked for. */
async function tryKeys(
  client: MilvusClient,
  means: TrialMeans,
  index: CollectionIndex,
  definition: CollectionDefinition,
  signal: AbortSignal,
): Promise<CreateOptions['autoId']> {
  const first = await means.firstRow(index);
  // Without a row there is no key to keep.
  if (first === null) return 'property';
  const { row } = first;
  const partition = definition.partitionKeyMode ? null : first.partition;
  const refused = await refusal(client.write({ definition, partition, batch: row, mode: 'insert', signal }));
  if (refused !== null) return 'plain';
  await client.load(definition, null, signal);
  const kept = await client.countKeys({ definition, partition, signal }, keysOf(row));
  return kept === 1 ? 'property' : 'plain';
}
