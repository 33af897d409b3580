import type { Repository } from '@milvault/repository';
import { fail, type RowBatch } from '@milvault/shared';
import type { EngineContext, PlannedRestore, RestorePartResult, RestorePlan, RestoreTry } from '../../port.ts';
import { CALLS_AT_ONCE, mapAtOnce } from '../at-once.ts';
import { piecesOf } from '../batches.ts';
import type { Session } from '../connect.ts';
import type { RowsRestorePart } from '../parts.ts';
import { definitionAs, stagingRef } from './staging.ts';

/** What one request carries: measured best on Milvus 2.3.5 (design section 4). */
export const REQUEST_BYTES = 4 * 1024 * 1024;

export function plannedOf(plan: RestorePlan, part: RowsRestorePart): PlannedRestore {
  const planned = plan.collections[part.collection];
  if (planned === undefined) throw fail('INTERNAL', { what: `Part ${part.number} names no collection of its plan` });
  return planned;
}

/** Writes the part's chunks into the staging collection, several requests at a time. */
export async function restorePart(
  session: Session,
  repository: Repository,
  plan: RestorePlan,
  part: RowsRestorePart,
  attempt: RestoreTry,
  context: EngineContext,
): Promise<RestorePartResult> {
  const planned = plannedOf(plan, part);
  const { index } = planned;
  const definition = definitionAs(index.definition, stagingRef(planned), planned.autoId);
  const mode = attempt.redo ? 'upsert' : 'insert';
  let rows = 0;
  let bytes = 0;
  for (const place of part.chunks) {
    const chunk = index.chunks[place];
    if (chunk === undefined) throw fail('INTERNAL', { what: `Part ${part.number} names no chunk of its index` });
    context.signal.throwIfAborted();
    const batch = await repository.readChunk(index, chunk);
    const partition = definition.partitionKeyMode ? null : chunk.partition;
    const write = async (piece: RowBatch): Promise<void> => {
      const request = { definition, partition, batch: piece, mode, signal: context.signal } as const;
      const sent = await session.gate.pass(() => session.client.write(request));
      context.onProgress({ rows: sent.rows, bytes: sent.wireBytes });
    };
    await mapAtOnce([...piecesOf(batch, REQUEST_BYTES)], CALLS_AT_ONCE, write);
    rows += chunk.rows;
    bytes += chunk.size;
  }
  return { number: part.number, collection: part.collection, rows, bytes };
}
