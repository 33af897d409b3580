import { Type, type Static } from 'typebox';
import { ID_PATTERN } from '../ids.ts';

/** Schemas of what the faces speak of. One schema gives validation, the static type, the API's docs and the page's form. */

export const Id = Type.String({ pattern: ID_PATTERN, description: 'Lower-case ULID' });
export const Instant = Type.Integer({ minimum: 0, description: 'Milliseconds since 1970-01-01 UTC' });
export const Count = Type.Integer({ minimum: 0 });

export const BackupType = Type.Union([Type.Literal('full'), Type.Literal('incremental')]);
export type BackupType = Static<typeof BackupType>;

export const EngineKind = Type.Union([
  Type.Literal('rows'),
  Type.Literal('segments'),
  Type.Literal('milvus-backup'),
  Type.Literal('http'),
]);
export type EngineKind = Static<typeof EngineKind>;

/**
 * What a backup is worth as one point in time, best first. `pinned`: exactly what the server held at one of its own
 * timestamps. `proved-still`: the server's own lists of its data show that nothing was written while it was read.
 * `quiesced`: counts before and after were equal and the caller said that nothing writes. `fuzzy`: rows may stem from
 * different moments between `startedAt` and `committedAt`.
 */
export const CONSISTENCIES = ['pinned', 'proved-still', 'quiesced', 'fuzzy'] as const;
export type Consistency = (typeof CONSISTENCIES)[number];
export const Consistency = Type.Unsafe<Consistency>(Type.Union(CONSISTENCIES.map((label) => Type.Literal(label))));

/** Whether a label promises at least what another one does. */
export const isAtLeast = (label: Consistency, least: Consistency): boolean =>
  CONSISTENCIES.indexOf(label) <= CONSISTENCIES.indexOf(least);

/** Rows that an incremental found new, changed and gone, against its base. */
export const RowChanges = Type.Object(
  { added: Count, changed: Count, deleted: Count },
  { additionalProperties: false },
);
export type RowChanges = Static<typeof RowChanges>;

/** Something that a backup does not hold, or a doubt about what it holds: named, counted, never silent. */
export const Warning = Type.Object(
  {
    code: Type.String({ description: 'Stable name of the warning, see docs/warnings.md' }),
    message: Type.String(),
    database: Type.Optional(Type.String()),
    collection: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Warning = Static<typeof Warning>;

export const CollectionSummary = Type.Object(
  {
    database: Type.String(),
    collection: Type.String(),
    rows: Count,
    /** Sum of this collection's files, borrowed ones too. */
    bytes: Count,
    /** Sum of those that this backup wrote itself; absent: all of them. */
    ownBytes: Type.Optional(Count),
    /** Absent where the collection was read whole. */
    changes: Type.Optional(RowChanges),
  },
  { additionalProperties: false },
);
export type CollectionSummary = Static<typeof CollectionSummary>;

export const VerifyLevel = Type.Integer({
  minimum: 0,
  maximum: 4,
  description: '0 structure, 1 sizes, 2 stored hashes, 3 decode and count, 4 trial restore',
});

/** When and how a backup was last proved, and with what result. */
export const Proof = Type.Object(
  {
    level: VerifyLevel,
    result: Type.Union([Type.Literal('ok'), Type.Literal('damaged'), Type.Literal('unknown')]),
    at: Instant,
    by: Type.Optional(Type.String({ description: 'Who looked, where milvault only passes on their word' })),
  },
  { additionalProperties: false },
);
export type Proof = Static<typeof Proof>;

/** Numbers of a backup that the tool which keeps it may leave out: they are 0 then, and named here. */
const Unknown = Type.Union([Type.Literal('rows'), Type.Literal('bytes'), Type.Literal('collections')]);

/** Where a backup lies that a tool keeps: the repository has its record, and none of its data. */
export const ToolBackup = Type.Object(
  {
    api: Type.String({ description: "Base address of the tool's API" }),
    name: Type.String({ description: 'What the tool calls it' }),
    key: Type.Optional(Type.String({ description: 'What the tool knows it by besides its name' })),
    unknown: Type.Array(Unknown, {
      description: 'Numbers that the tool did not give; `collections`: those of single collections',
    }),
    adopted: Type.Optional(Type.Boolean({ description: 'It was there before milvault, and was taken over' })),
  },
  { additionalProperties: false },
);
export type ToolBackup = Static<typeof ToolBackup>;
/** A person's word that a backup must stay: no clean-up and no deletion takes it before it is released. */
export const Hold = Type.Object(
  { at: Instant, reason: Type.Union([Type.String(), Type.Null()]) },
  { additionalProperties: false },
);
export type Hold = Static<typeof Hold>;

/** A backup as people see it: one row of the list. Comes from the repository's decision record and reports alone. */
export const Backup = Type.Object(
  {
    id: Id,
    name: Type.String({ description: 'full_YYYYMMDD_HHMMSS or incr_YYYYMMDD_HHMMSS, UTC' }),
    type: BackupType,
    engine: EngineKind,
    status: Type.Literal('complete'),
    base: Type.Union([Id, Type.Null()]),
    repository: Type.String({ description: 'Name of the repository in the configuration, or its folder' }),
    source: Type.Object(
      { id: Id, address: Type.String(), serverVersion: Type.String() },
      { additionalProperties: false },
    ),
    plan: Type.Union([Type.String(), Type.Null()]),
    collections: Type.Array(CollectionSummary),
    rows: Count,
    bytes: Type.Object({ own: Count, total: Count }, { additionalProperties: false }),
    consistency: Consistency,
    startedAt: Instant,
    committedAt: Instant,
    durationMs: Count,
    warnings: Type.Array(Warning),
    /** Newest report of each level that has one. */
    proofs: Type.Array(Proof),
    /** Why this type, where it is not what was asked for: e.g. an incremental that was stored as a full. */
    note: Type.Union([Type.String(), Type.Null()]),
    /** Absent where nobody holds it. */
    hold: Type.Optional(Hold),
    /** Absent where its data lies in the repository. */
    tool: Type.Optional(ToolBackup),
  },
  { additionalProperties: false },
);
export type Backup = Static<typeof Backup>;
