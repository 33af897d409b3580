import { setMaxListeners } from 'node:events';
import type { MilvusAddress, MilvusClient } from '@milvault/milvus';
import type { Clock } from '@milvault/shared';
import { createLane, type Lane } from './read/lane.ts';
import { createTuner, LITE_LIMITS, MILVUS_LIMITS } from './read/tune.ts';

export interface RowsEngineDeps {
  readonly connect: (address: MilvusAddress) => MilvusClient;
  readonly clock: Clock;
}

/** A connection for one step, and the lane that all steps of this process share for that Milvus. */
export interface Session {
  readonly client: MilvusClient;
  readonly lite: boolean;
  readonly version: string;
  readonly lane: Lane;
}

export type WithSession = <T>(
  address: MilvusAddress,
  signal: AbortSignal,
  use: (session: Session) => Promise<T>,
) => Promise<T>;

/** Pages under way or waiting, of all parts that this process reads from one Milvus. */
const BUDGET_BYTES = 96 * 1024 * 1024;

/** Opens and closes connections in pairs; keeps one lane for each address, so that a part starts as fast as the last one ended. */
export function createSessions({ connect, clock }: RowsEngineDeps): WithSession {
  const lanes = new Map<string, Lane>();
  const laneOf = (address: string, lite: boolean): Lane => {
    // A server of the other kind may come to listen there.
    const place = `${lite ? 'lite' : 'milvus'} ${address}`;
    const known = lanes.get(place);
    if (known !== undefined) return known;
    const tuner = createTuner(lite ? LITE_LIMITS : MILVUS_LIMITS);
    const lane = createLane({ budgetBytes: BUDGET_BYTES, tuner, clock });
    lanes.set(place, lane);
    return lane;
  };
  return async (address, signal, use) => {
    // Dozens of calls listen to it at once, which is no leak: each leaves when it ends.
    setMaxListeners(0, signal);
    const client = connect(address);
    try {
      const { lite, version } = await client.server(signal);
      return await use({ client, lite, version, lane: laneOf(address.address, lite) });
    } finally {
      client.close();
    }
  };
}
