import { Type, type Static, type TSchema } from 'typebox';
import { Backup, BackupType, Consistency, Count, EngineKind, Id, Instant, Warning } from './backup.ts';
import { Damage } from './reports.ts';
import { RetentionPolicy } from '../retention.ts';
import { CollectionDefinition, DatabaseDefinition } from './collection.ts';

/** What the API answers besides backups and runs. Never holds a secret. */

const closed = { additionalProperties: false } as const;
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** RFC 9457 problem details, with what an error of milvault says besides. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'urn:milvault:error:<code>' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable; see the table of errors' }),
    detail: Type.String(),
    expected: Type.Optional(Type.String()),
    got: Type.Optional(Type.String()),
    next: Type.String({ description: 'What to do next' }),
    retryable: Type.Boolean(),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    instance: Type.String({ description: 'Id of the request, as in the log' }),
  },
  closed,
);
export type Problem = Static<typeof Problem>;

export const SourceView = Type.Object(
  {
    name: Type.String(),
    id: Id,
    address: Type.String(),
    tls: Type.Boolean(),
    credentials: Type.Boolean({ description: 'Whether credentials are configured' }),
  },
  closed,
);
export type SourceView = Static<typeof SourceView>;
export const SourceList = Type.Object({ sources: Type.Array(SourceView), total: Count }, closed);

/** What is on a source, and what would not be saved. */
export const InspectionView = Type.Object(
  {
    source: Type.String(),
    address: Type.String(),
    serverVersion: Type.String(),
    databases: Type.Array(DatabaseDefinition),
    collections: Type.Array(Type.Object({ definition: CollectionDefinition, rows: orNull(Count) }, closed)),
    warnings: Type.Array(Warning),
  },
  closed,
);
export type InspectionView = Static<typeof InspectionView>;

export const RepositoryEntry = Type.Object({ name: Type.String(), place: Type.String() }, closed);
export const RepositoryList = Type.Object({ repositories: Type.Array(RepositoryEntry), total: Count }, closed);

export const RepositoryView = Type.Object(
  {
    name: Type.String({ description: 'Name in the configuration, or the folder' }),
    place: Type.String(),
    id: Type.String({ description: 'What the repository says of itself' }),
    space: orNull(Type.Object({ total: Count, free: Count }, closed)),
    backups: Count,
    rows: Count,
    bytes: Count,
    damages: Type.Array(Damage, {
      description: 'Records of the repository itself that are damaged: each may hide a backup or a finding',
    }),
  },
  closed,
);
export type RepositoryView = Static<typeof RepositoryView>;

/** A schedule of a plan and when it is due next. */
const Due = Type.Object({ cron: Type.String(), next: orNull(Instant) }, closed);

/** A repository that could not be read: what it holds is missing from the list beside. */
export const Unread = Type.Object({ repository: Type.String(), code: Type.String(), message: Type.String() }, closed);
export type Unread = Static<typeof Unread>;

export const PlanView = Type.Object(
  {
    name: Type.String(),
    source: Type.String(),
    repository: Type.String(),
    collections: Type.Array(Type.String()),
    engine: Type.Union([Type.Literal('auto'), EngineKind]),
    timeZone: Type.String(),
    full: orNull(Due),
    incremental: orNull(Due),
    /** What an incremental borrows from, and when a chain is long or old enough for a full. */
    base: Type.Union([Type.Literal('last'), Type.Literal('full')]),
    chain: Type.Object({ links: Count, days: Count }, closed),
    /** The least that a backup must be worth as a point in time. */
    consistency: Consistency,
    verify: Count,
    check: orNull(Due),
    checkLevel: Count,
    checkRuns: Count,
    drill: orNull(Due),
    drillTarget: orNull(Type.String()),
    drillRuns: orNull(Count),
    maxRunHours: Count,
    retention: RetentionPolicy,
    maxAgeHours: Count,
    enabled: Type.Boolean(),
    /** Newest backup of the plan that no check has found damaged. */
    lastGood: orNull(Type.Object({ id: Id, name: Type.String(), type: BackupType, committedAt: Instant }, closed)),
    unread: orNull(Unread),
  },
  closed,
);
export type PlanView = Static<typeof PlanView>;
export const PlanList = Type.Object({ plans: Type.Array(PlanView), total: Count }, closed);

export const BackupList = Type.Object(
  { backups: Type.Array(Backup), total: Count, unread: Type.Array(Unread) },
  closed,
);
/** The full that a backup goes back to, and all that borrow from it: parents before their children. */
export const ChainView = Type.Object({ backups: Type.Array(Backup) }, closed);
export type ChainView = Static<typeof ChainView>;
export const BackupRemoved = Type.Object({ id: Id, name: Type.String(), removed: Type.Literal(true) }, closed);

export const RunLogs = Type.Object({ lines: Type.Array(Type.String()) }, closed);

export const WorkerView = Type.Object(
  {
    name: Type.String({ description: 'host:pid of the process' }),
    queues: Type.Array(Type.String(), { description: 'Queues that it takes jobs from' }),
  },
  closed,
);
export type WorkerView = Static<typeof WorkerView>;
export const WorkerList = Type.Object({ workers: Type.Array(WorkerView), total: Count }, closed);

export const ChannelView = Type.Object(
  {
    name: Type.String(),
    kind: Type.Union([Type.Literal('email'), Type.Literal('slack')]),
    to: Type.Array(Type.String(), { description: 'Recipients; empty where the channel has none' }),
  },
  closed,
);
export type ChannelView = Static<typeof ChannelView>;
export const ChannelList = Type.Object({ channels: Type.Array(ChannelView), total: Count }, closed);
export const ChannelTested = Type.Object(
  { channel: Type.String(), delivered: Type.Literal(true), durationMs: Count },
  closed,
);

/** `viewer` looks, `operator` also starts, stops and holds, `admin` may all. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who the caller is, for the page: what it may offer. */
export const SessionView = Type.Object(
  {
    login: Type.Boolean({ description: 'Whether there is a login at all; without one only this machine may call' }),
    role: Type.Unsafe<Role>(Type.Enum([...ROLES])),
  },
  closed,
);
export type SessionView = Static<typeof SessionView>;

export const Version = Type.Object(
  { name: Type.Literal('milvault'), version: Type.String(), api: Type.Literal('v1'), node: Type.String() },
  closed,
);
export type Version = Static<typeof Version>;
