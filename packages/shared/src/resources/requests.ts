import { Type, type Static } from 'typebox';
import { BackupType, CONSISTENCIES, EngineKind, type Consistency } from './backup.ts';

/** What may be asked of milvault, as the API takes it and the command line sends it. A field that is not here is an error. */

const closed = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1, maxLength: 4096 });
const Names = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { maxItems: 10_000, default: [], description });

const SourceName = Type.String({
  minLength: 1,
  maxLength: 512,
  description: 'Name of a configured source, or host:port of a Milvus. Default: the only configured source',
});
const RepositoryName = Type.String({
  minLength: 1,
  maxLength: 4096,
  description:
    'Name of a configured repository, an absolute folder or s3://bucket/prefix. Default: the only configured repository',
});
const AnyRepository = Type.String({
  minLength: 1,
  maxLength: 4096,
  description:
    'Name of a configured repository, an absolute folder or s3://bucket/prefix. Default: where the backup is found',
});
const BackupName = Type.String({ minLength: 1, maxLength: 256, description: 'Id or name of a backup' });
const Level = Type.Integer({
  minimum: 0,
  maximum: 3,
  default: 2,
  description: '0 structure, 1 sizes, 2 stored hashes, 3 decode and count',
});

export const StartBackup = Type.Object(
  {
    source: Type.Optional(SourceName),
    repository: Type.Optional(RepositoryName),
    collections: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 512 }), {
        minItems: 1,
        maxItems: 10_000,
        default: ['*'],
        description: 'name, database.name, database.*, or * for all',
      }),
    ),
    type: Type.Optional(Type.Union([Type.Literal('full'), Type.Literal('incremental')], { default: 'full' })),
    engine: Type.Optional(Type.Union([Type.Literal('auto'), EngineKind], { default: 'auto' })),
    base: Type.Optional(
      Type.Union([Type.Literal('last'), Type.Literal('full')], {
        default: 'last',
        description: 'What an incremental is taken against: the newest good backup, or the newest good full',
      }),
    ),
    consistency: Type.Optional(
      Type.Unsafe<Consistency>(
        Type.Union(
          CONSISTENCIES.map((label) => Type.Literal(label)),
          {
            default: 'fuzzy',
            description: 'The least that the backup must be worth as a point in time; else it fails',
          },
        ),
      ),
    ),
    verify: Type.Optional(
      Type.Union([Level, Type.Null()], { default: 2, description: 'Level of the check right after; null for none' }),
    ),
  },
  closed,
);
export type StartBackup = Static<typeof StartBackup>;

export const StartVerify = Type.Object(
  { backup: BackupName, repository: Type.Optional(AnyRepository), level: Type.Optional(Level) },
  closed,
);
export type StartVerify = Static<typeof StartVerify>;

export const StartDrill = Type.Object(
  {
    backup: BackupName,
    repository: Type.Optional(AnyRepository),
    target: Type.Optional(
      Type.Union([SourceName, Type.Null()], {
        default: null,
        description: 'Source to restore into on trial; null: the one that the backup was taken from',
      }),
    ),
  },
  closed,
);
export type StartDrill = Static<typeof StartDrill>;

export const StartRestore = Type.Object(
  {
    backup: BackupName,
    repository: Type.Optional(AnyRepository),
    target: SourceName,
    collections: Type.Optional(Names('database.collection or collection of the backup; empty: all')),
    partitions: Type.Optional(Names('Only these partitions; empty: all')),
    suffix: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()], {
        default: null,
        description: 'Put behind the name of each collection that is not renamed; null: _restored',
      }),
    ),
    rename: Type.Optional(
      Type.Record(Type.String(), Text, { default: {}, description: 'Old name to new name; wins over the suffix' }),
    ),
    aliases: Type.Optional(Type.Boolean({ default: false, description: 'Put aliases back too' })),
    salvage: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Of a damaged backup, restore all that is whole, and tell what is lost',
      }),
    ),
  },
  closed,
);
export type StartRestore = Static<typeof StartRestore>;

export const StartCleanup = Type.Object(
  {
    repository: Type.Optional(
      Type.Union([AnyRepository, Type.Null()], { default: null, description: 'Null: every configured repository' }),
    ),
    dryRun: Type.Optional(Type.Boolean({ default: false, description: 'Only say what would be removed, and why' })),
    force: Type.Optional(
      Type.Boolean({ default: false, description: 'Remove even where most backups of a plan would go at once' }),
    ),
  },
  closed,
);
export type StartCleanup = Static<typeof StartCleanup>;

export const HoldBackup = Type.Object(
  {
    reason: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 1024 }), Type.Null()], {
        default: null,
        description: 'Why it must stay',
      }),
    ),
  },
  closed,
);
export type HoldBackup = Static<typeof HoldBackup>;

export const StartHealth = Type.Object({}, closed);
export type StartHealth = Static<typeof StartHealth>;

/** A plan's run, now. `type` is full where the plan has no schedule for the other. */
export const RunPlan = Type.Object({ type: Type.Optional(BackupType) }, closed);
export type RunPlan = Static<typeof RunPlan>;

export const InitRepository = Type.Object({ repository: Text }, closed);
export type InitRepository = Static<typeof InitRepository>;
