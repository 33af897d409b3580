import { fail } from './errors/error.ts';

/** Why work was stopped. `cancelled`: a person said so. `handover`: this process ends, another one goes on. */
export type StopReason = 'cancelled' | 'handover' | 'lease-lost' | 'timed-out';

/** The reason that an AbortSignal of milvault carries. */
export class Stopped extends Error {
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(`stopped: ${reason}`);
    this.name = 'Stopped';
    this.reason = reason;
  }
}

export const isStopped = (thrown: unknown): thrown is Stopped => thrown instanceof Stopped;

/** The error that a stopped run ends with. */
export const stopError = (stopped: Stopped): Error =>
  stopped.reason === 'timed-out'
    ? fail('RUN_TIMED_OUT')
    : fail('RUN_CANCELLED', { what: `The run was stopped (${stopped.reason})` });
