import { Type, type Static } from 'typebox';
import { Count, Id, Instant } from './backup.ts';

export const RunKind = Type.Union([
  Type.Literal('backup'),
  Type.Literal('verify'),
  Type.Literal('drill'),
  Type.Literal('restore'),
  Type.Literal('cleanup'),
  Type.Literal('health'),
]);
export type RunKind = Static<typeof RunKind>;

export const RunState = Type.Union([
  Type.Literal('queued'),
  Type.Literal('running'),
  Type.Literal('succeeded'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
  /** A scheduled slot that was not taken because the run before it was still going on. */
  Type.Literal('skipped'),
]);
export type RunState = Static<typeof RunState>;

export const RunError = Type.Object(
  {
    code: Type.String(),
    message: Type.String(),
    expected: Type.Optional(Type.String()),
    got: Type.Optional(Type.String()),
    next: Type.String(),
    retryable: Type.Boolean(),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    causes: Type.Optional(Type.Array(Type.String())),
  },
  { additionalProperties: false },
);

/** How far a run is. Rows and bytes are what its finished and running parts have done. */
export const Progress = Type.Object(
  {
    phase: Type.String({ description: 'plan, parts, finish, or a phase named by the job' }),
    partsDone: Count,
    partsTotal: Count,
    rows: Count,
    rowsTotal: Count,
    bytes: Count,
  },
  { additionalProperties: false },
);
export type Progress = Static<typeof Progress>;

/** One execution of a job. */
export const Run = Type.Object(
  {
    id: Type.String({ description: 'Stable: a scheduled run is named by plan, kind and slot' }),
    kind: RunKind,
    state: RunState,
    plan: Type.Union([Type.String(), Type.Null()]),
    /** Who asked: `schedule`, `api`, `cli`, `run:<id>` for a follow-up. */
    trigger: Type.String(),
    /** The payload of the job, without secrets. */
    request: Type.Record(Type.String(), Type.Unknown()),
    progress: Progress,
    attempts: Count,
    queuedAt: Instant,
    startedAt: Type.Union([Instant, Type.Null()]),
    endedAt: Type.Union([Instant, Type.Null()]),
    /** What came of it: the Backup, the verify report, the restore report … */
    result: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    error: Type.Union([RunError, Type.Null()]),
  },
  { additionalProperties: false },
);
export type Run = Static<typeof Run>;

export const RunList = Type.Object({ runs: Type.Array(Run), total: Count }, { additionalProperties: false });
export const RunAccepted = Type.Object({ run: Id }, { additionalProperties: false });
