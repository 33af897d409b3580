import type { Backup, Hold, Proof } from '@milvault/shared';
import type { RepositoryContext } from '../context.ts';
import type { CommittedSlot } from '../format/records.ts';

/** A backup as people see it, from its decision record and the proofs of its reports. */
export const backupOf = (
  context: RepositoryContext,
  slot: CommittedSlot,
  proofs: readonly Proof[],
  hold: Hold | null,
): Backup => ({
  id: slot.backupId,
  name: slot.name,
  type: slot.type,
  engine: slot.engine,
  status: slot.status,
  base: slot.base,
  repository: context.name,
  source: { ...slot.source },
  plan: slot.plan,
  collections: slot.collections.map((one) => ({ ...one })),
  rows: slot.rows,
  bytes: { ...slot.bytes },
  consistency: slot.consistency,
  startedAt: slot.startedAt,
  committedAt: slot.committedAt,
  durationMs: slot.durationMs,
  warnings: slot.warnings.map((one) => ({ ...one })),
  proofs: [...proofs],
  note: slot.note,
  ...(hold === null ? {} : { hold }),
  ...(slot.tool === undefined ? {} : { tool: { ...slot.tool, unknown: [...slot.tool.unknown] } }),
});
