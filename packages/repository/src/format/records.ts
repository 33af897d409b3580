import {
  BackupType,
  CollectionDefinition,
  CollectionSummary,
  Consistency,
  Count,
  DatabaseDefinition,
  EngineKind,
  Id,
  Instant,
  Proof,
  RowChanges,
  ToolBackup,
  Warning,
} from '@milvault/shared';
import { Type, type Static, type TSchema } from 'typebox';

/**
 * Every JSON object of a repository (`docs/backup-format.md`, "Objects"). A reader ignores members that it does not know,
 * so a later minor version may add some; anything else asks for a new major version or a required feature.
 */
export const FORMAT = { major: 1, minor: 3 } as const;
/** Required features that this version knows: none yet. */
export const KNOWN_FEATURES: readonly string[] = [];

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Sum = Type.String({ pattern: '^[0-9a-f]{32}$' });
/** A number of Milvus of 64 bits. */
const Digits = Type.String({ pattern: '^[0-9]{1,20}$' });
const OrNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const RepoRecord = Type.Object({
  repoId: Id,
  format: Type.Object({ major: Count, minor: Count }),
  requiredFeatures: Type.Array(Type.String()),
  optionalFeatures: Type.Array(Type.String()),
  createdAt: Instant,
});
export type RepoRecord = Static<typeof RepoRecord>;

/** What every other record says of itself. */
const owned = { v: Type.Literal(1), repoId: Id, sourceId: Id, backupId: Id };

const draft = {
  name: Type.String(),
  type: BackupType,
  sourceAddress: Type.String(),
  serverVersion: Type.String(),
  plan: OrNull(Type.String()),
  note: OrNull(Type.String()),
  startedAt: Instant,
};

/** An incremental's own word on what it borrows from; absent before 1.1. */
const MaybeBase = Type.Optional(OrNull(Id));

export const IntentRecord = Type.Object({ ...owned, ...draft, base: MaybeBase });
export type IntentRecord = Static<typeof IntentRecord>;

export const CommittedSlot = Type.Object({
  ...owned,
  state: Type.Literal('committed'),
  /** Who made the decision: a writer that lost the answer knows its own by this. */
  attempt: Id,
  type: BackupType,
  base: OrNull(Id),
  /** Every other backup whose chunks this one borrows. */
  refs: Type.Array(Id),
  manifestKey: Type.String(),
  manifestSha256: Hash,
  manifestSize: Count,
  name: Type.String(),
  engine: EngineKind,
  status: Type.Literal('complete'),
  source: Type.Object({ id: Id, address: Type.String(), serverVersion: Type.String() }),
  plan: OrNull(Type.String()),
  collections: Type.Array(CollectionSummary),
  rows: Count,
  bytes: Type.Object({ own: Count, total: Count }),
  consistency: Consistency,
  startedAt: Instant,
  committedAt: Instant,
  durationMs: Count,
  warnings: Type.Array(Warning),
  note: OrNull(Type.String()),
  tool: Type.Optional(ToolBackup),
});
export type CommittedSlot = Static<typeof CommittedSlot>;

export const AbortedSlot = Type.Object({
  ...owned,
  state: Type.Literal('aborted'),
  attempt: Id,
  reason: Type.String(),
  abortedAt: Instant,
});
export type AbortedSlot = Static<typeof AbortedSlot>;

export type Slot = CommittedSlot | AbortedSlot;

export const TombRecord = Type.Object({ ...owned, reason: Type.String(), deletedAt: Instant, gcRunId: Id });
export type TombRecord = Static<typeof TombRecord>;

export const MarkerRecord = Type.Object({ ...owned, gcRunId: Id, markedAt: Instant });
export type MarkerRecord = Static<typeof MarkerRecord>;

export const HoldRecord = Type.Object({ ...owned, heldAt: Instant, reason: OrNull(Type.String()) });
export type HoldRecord = Static<typeof HoldRecord>;

export const ReportRecord = Type.Object({
  ...owned,
  proof: Proof,
  /** The whole report of the check, as the check made it. */
  report: Type.Record(Type.String(), Type.Unknown()),
});
export type ReportRecord = Static<typeof ReportRecord>;

/** Which rows of a file are no longer there: see `deletions.ts`. */
export const DeletionsRecord = Type.Object({
  key: Type.String(),
  offset: Count,
  size: Type.Integer({ minimum: 1 }),
  sha256: Hash,
  /** Rows of the file, dead ones too. */
  fileRows: Type.Integer({ minimum: 2 }),
});

export const ChunkRecord = Type.Object({
  key: Type.String(),
  size: Count,
  sha256: Hash,
  rows: Type.Integer({ minimum: 1 }),
  partition: Type.String(),
  keyMin: Type.String(),
  keyMax: Type.String(),
  contentSum: Sum,
  deletions: Type.Optional(DeletionsRecord),
});

/** One file of Milvus, as it lay in Milvus's storage. */
export const SegmentFileRecord = Type.Object({
  key: Type.String(),
  size: Count,
  sha256: Hash,
  /** Absent for a delta log. */
  field: Type.Optional(Count),
  log: Digits,
  rows: Count,
  to: Digits,
});

export const SegmentRecord = Type.Object({
  id: Digits,
  partition: Type.String(),
  rows: Count,
  live: Count,
  files: Type.Array(SegmentFileRecord),
});

export const SegmentSetRecord = Type.Object({
  upTo: OrNull(Digits),
  fields: Type.Array(Type.Object({ name: Type.String(), id: Count })),
  list: Type.Array(SegmentRecord),
});

/** How a partition looked to the server when it was read, where that was proved not to change meanwhile. */
export const StillRecord = Type.Object({ partition: Type.String(), mark: Hash, rows: Count });

export const IndexRecord = Type.Object({
  ...owned,
  collKey: Id,
  definition: CollectionDefinition,
  primaryKey: Type.String(),
  rows: Count,
  contentSum: Sum,
  counted: Type.Object({ before: Count, after: Count }),
  shadowedDuplicates: Count,
  chunks: Type.Array(ChunkRecord),
  segments: Type.Optional(SegmentSetRecord),
  still: Type.Optional(Type.Array(StillRecord)),
  changes: Type.Optional(RowChanges),
});
export type IndexRecord = Static<typeof IndexRecord>;

/** A backup that a tool keeps: absent where the data lies in the repository. Null: the tool did not say. */
const ToolManifest = Type.Object({
  api: Type.String(),
  name: Type.String(),
  key: Type.Optional(Type.String()),
  adopted: Type.Optional(Type.Boolean()),
  rows: OrNull(Count),
  bytes: OrNull(Count),
  collections: Type.Array(
    Type.Object({ database: Type.String(), collection: Type.String(), rows: OrNull(Count), bytes: OrNull(Count) }),
  ),
});

export const ManifestRecord = Type.Object({
  ...owned,
  attempt: Id,
  ...draft,
  engine: EngineKind,
  base: OrNull(Id),
  refs: Type.Array(Id),
  databases: Type.Array(DatabaseDefinition),
  collections: Type.Array(
    Type.Object({
      database: Type.String(),
      collection: Type.String(),
      collKey: Id,
      indexKey: Type.String(),
      indexSha256: Hash,
      rows: Count,
      bytes: Count,
      ownBytes: Type.Optional(Count),
      contentSum: Sum,
      changes: Type.Optional(RowChanges),
    }),
  ),
  consistency: Consistency,
  warnings: Type.Array(Warning),
  rows: Count,
  ownBytes: Count,
  tool: Type.Optional(ToolManifest),
});
export type ManifestRecord = Static<typeof ManifestRecord>;

/** What a decision says of a collection, by its manifest. */
export const summaryOf = (
  one: Omit<ManifestRecord['collections'][number], 'collKey' | 'indexKey' | 'indexSha256' | 'contentSum'>,
): CollectionSummary => ({
  database: one.database,
  collection: one.collection,
  rows: one.rows,
  bytes: one.bytes,
  ...(one.ownBytes === undefined ? {} : { ownBytes: one.ownBytes }),
  ...(one.changes === undefined ? {} : { changes: one.changes }),
});
