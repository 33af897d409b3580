import { Type, type Static, type TSchema } from 'typebox';
import { BackupType, Count, Id, Instant } from './backup.ts';

/** Whether all is well, in one answer: what the first page shows. */

const closed = { additionalProperties: false } as const;
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const IncidentView = Type.Object(
  {
    incident: Type.String({ description: 'health/<check>/<subject>, plan-failing/<plan>/<kind>, …: one problem' }),
    title: Type.String(),
    openedAt: Instant,
    seenAt: Type.Integer({ minimum: 0, description: 'Newest sign of it' }),
    closedAt: orNull(Instant),
    told: Type.Integer({ minimum: 0, description: 'How often people were told' }),
  },
  closed,
);
export type IncidentView = Static<typeof IncidentView>;
export const IncidentList = Type.Object({ incidents: Type.Array(IncidentView), total: Count }, closed);

/**
 * A day of a plan, in the plan's time zone. `good`: a backup was taken, and none failed for good; `mixed`: some of each;
 * `failed`: none was taken although one was tried; `missed`: one was due and none was tried; `idle`: none was due;
 * `before`: nothing is known of the plan so early; `waiting`: today, and none is due yet or one goes on.
 */
export const DAY_STATES = ['good', 'mixed', 'failed', 'missed', 'idle', 'before', 'waiting'] as const;
export type DayState = (typeof DAY_STATES)[number];
export const PlanDay = Type.Object(
  {
    day: Type.String({ description: 'YYYY-MM-DD' }),
    state: Type.Unsafe<DayState>(Type.Enum([...DAY_STATES])),
    good: Count,
    failed: Count,
    bytes: Type.Integer({ minimum: 0, description: 'Stored by the backups of the day that are still there' }),
  },
  closed,
);
export type PlanDay = Static<typeof PlanDay>;

const BackupRef = Type.Object({ id: Id, name: Type.String(), type: BackupType, committedAt: Instant }, closed);

export const PlanHealth = Type.Object(
  {
    plan: Type.String(),
    source: Type.String(),
    enabled: Type.Boolean(),
    timeZone: Type.String(),
    maxAgeHours: Count,
    next: orNull(Type.Object({ at: Instant, type: BackupType }, closed)),
    /** Newest backup that a check found well and none found damaged. */
    lastGood: orNull(BackupRef),
    /** Newest trial restore of a backup of the plan that brought every row back. */
    lastProved: orNull(Type.Object({ backup: Type.String(), at: Instant }, closed)),
    /** The backup run that goes on now. */
    running: orNull(Type.String()),
    days: Type.Array(PlanDay, { description: 'The last 30 days, oldest first' }),
  },
  closed,
);
export type PlanHealth = Static<typeof PlanHealth>;

export const StorageHealth = Type.Object(
  {
    repository: Type.String(),
    place: Type.String(),
    space: orNull(Type.Object({ total: Count, free: Count }, closed)),
    backups: Count,
    bytes: Count,
    error: orNull(Type.Object({ code: Type.String(), message: Type.String(), next: Type.String() }, closed)),
  },
  closed,
);
export type StorageHealth = Static<typeof StorageHealth>;

/** Something that is not as it should be. `incident` where it has been told already. */
export const CONCERNS = ['incident', 'plan-late', 'plan-empty', 'repository', 'disk-full', 'no-worker'] as const;
export type ConcernKind = (typeof CONCERNS)[number];
export const Concern = Type.Object(
  {
    kind: Type.Unsafe<ConcernKind>(Type.Enum([...CONCERNS])),
    level: Type.Union([Type.Literal('bad'), Type.Literal('warning')]),
    subject: Type.String({ description: 'Name of the plan or repository, or the incident' }),
    detail: Type.String(),
    since: orNull(Instant),
  },
  closed,
);
export type Concern = Static<typeof Concern>;

const LEVELS = ['good', 'warning', 'bad', 'empty'] as const;
export type OverviewLevel = (typeof LEVELS)[number];

export const Overview = Type.Object(
  {
    at: Instant,
    /** The worst of all concerns; `empty` where nothing is planned and nothing was ever backed up. */
    level: Type.Unsafe<OverviewLevel>(Type.Enum([...LEVELS])),
    concerns: Type.Array(Concern),
    plans: Type.Array(PlanHealth),
    storage: Type.Array(StorageHealth),
    incidents: Type.Array(IncidentView, { description: 'The open ones' }),
    workers: Count,
    running: Type.Integer({ minimum: 0, description: 'Runs that go on now' }),
    backups: Count,
  },
  closed,
);
export type Overview = Static<typeof Overview>;
