import { Type, type Static } from 'typebox';
import { Count, Id, Instant, Warning } from './backup.ts';

/** One thing that is wrong with a backup, as precisely as we know it. */
export const Damage = Type.Object(
  {
    code: Type.Union([Type.Literal('OBJECT_MISSING'), Type.Literal('OBJECT_DAMAGED')]),
    object: Type.String({ description: 'Key of the object in the repository' }),
    message: Type.String(),
    database: Type.Optional(Type.String()),
    collection: Type.Optional(Type.String()),
    partition: Type.Optional(Type.String()),
    keyMin: Type.Optional(Type.String()),
    keyMax: Type.Optional(Type.String()),
    rows: Type.Optional(Count),
  },
  { additionalProperties: false },
);
export type Damage = Static<typeof Damage>;

export const VerifyReport = Type.Object(
  {
    backup: Id,
    level: Type.Integer({ minimum: 0, maximum: 3 }),
    /** `unknown`: something could not be read for a reason that says nothing about the backup (network, rights). */
    result: Type.Union([Type.Literal('ok'), Type.Literal('damaged'), Type.Literal('unknown')]),
    at: Instant,
    durationMs: Count,
    chunks: Count,
    rows: Type.Integer({ minimum: 0, description: 'Rows counted by decoding; below level 3 the rows of the index' }),
    bytes: Type.Integer({ minimum: 0, description: 'Bytes read back; 0 below level 2' }),
    damages: Type.Array(Damage),
    /** What could not be read, and why, where the result is `unknown`. */
    unread: Type.Optional(Type.Array(Type.Object({ object: Type.String(), message: Type.String() }))),
    /** Who looked, where milvault only passes on their word. */
    by: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type VerifyReport = Static<typeof VerifyReport>;

/** One promise of a store that was tried. */
export const ProbeFinding = Type.Object(
  {
    name: Type.String({ description: 'The promise: create-only, list-after-write, …' }),
    required: Type.Boolean({ description: 'A store that fails this may hold no repository' }),
    /** `weak`: a repository can live with it, and the detail says what follows. */
    result: Type.Union([Type.Literal('ok'), Type.Literal('weak'), Type.Literal('failed'), Type.Literal('skipped')]),
    detail: Type.String({ description: 'What was seen, and what follows' }),
  },
  { additionalProperties: false },
);
export type ProbeFinding = Static<typeof ProbeFinding>;

export const ProbeReport = Type.Object(
  {
    place: Type.String(),
    at: Instant,
    durationMs: Count,
    safe: Type.Boolean({ description: 'Every promise that a repository stands on was kept' }),
    findings: Type.Array(ProbeFinding),
  },
  { additionalProperties: false },
);
export type ProbeReport = Static<typeof ProbeReport>;

export const RestoredCollection = Type.Object(
  {
    database: Type.String(),
    collection: Type.String(),
    targetDatabase: Type.String(),
    targetCollection: Type.String(),
    rowsExpected: Count,
    rowsRestored: Count,
    /** True only when every row was read back from the target and the content sums are equal. */
    contentEqual: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type RestoredCollection = Static<typeof RestoredCollection>;

export const RestoreReport = Type.Object(
  {
    backup: Id,
    target: Type.String({ description: 'Address of the Milvus that was restored into' }),
    at: Instant,
    durationMs: Count,
    rows: Count,
    bytes: Count,
    collections: Type.Array(RestoredCollection),
    warnings: Type.Array(Warning),
    /** What was damaged and is not restored, where the rest was asked for. */
    lost: Type.Optional(Type.Array(Damage)),
  },
  { additionalProperties: false },
);
export type RestoreReport = Static<typeof RestoreReport>;

/** What a restore would make, and what is in its way. */
export const RestoreCheck = Type.Object(
  {
    target: Type.String({ description: 'Address of the Milvus that would be restored into' }),
    serverVersion: Type.String(),
    collections: Type.Array(
      Type.Object(
        {
          database: Type.String(),
          collection: Type.String(),
          targetDatabase: Type.String(),
          targetCollection: Type.String(),
          /** Null: the tool that keeps the backup did not say. */
          rows: Type.Union([Count, Type.Null()]),
          bytes: Type.Union([Count, Type.Null()]),
          /** What has the new name already: a collection, or an alias of one; its rows where they can be counted. */
          exists: Type.Union([
            Type.Object(
              { collection: Type.String(), rows: Type.Union([Count, Type.Null()]) },
              { additionalProperties: false },
            ),
            Type.Null(),
          ]),
        },
        { additionalProperties: false },
      ),
    ),
    newDatabases: Type.Array(Type.String(), { description: 'To be made on the target' }),
    warnings: Type.Array(Warning),
    ready: Type.Boolean({ description: 'Nothing has one of the new names, so the restore may start' }),
  },
  { additionalProperties: false },
);
export type RestoreCheck = Static<typeof RestoreCheck>;

export const DrillReport = Type.Intersect([
  Type.Object({ result: Type.Union([Type.Literal('ok'), Type.Literal('failed')]), searched: Count }),
  RestoreReport,
]);
export type DrillReport = Static<typeof DrillReport>;
