import { setMaxListeners } from 'node:events';
import type { MilvusAddress, MilvusClient } from '@milvault/milvus';
import type { Clock } from '@milvault/shared';
import { createLane, type Lane } from './read/lane.ts';
import { createTuner, LITE_LIMITS, MILVUS_LIMITS } from './read/tune.ts';
import { createGate, type Gate } from './restore/gate.ts';

export interface RowsEngineDeps {
  readonly connect: (address: MilvusAddress) => MilvusClient;
  readonly clock: Clock;
}

/** A connection for one step, and the ways in that all steps of this process share for that Milvus. */
export interface Session {
  readonly client: MilvusClient;
  readonly lite: boolean;
  readonly version: string;
  /** For reads. */
  readonly lane: Lane;
  /** For inserts. */
  readonly gate: Gate;
}

export type WithSession = <T>(
  address: MilvusAddress,
  signal: AbortSignal,
  use: (session: Session) => Promise<T>,
) => Promise<T>;

/** Pages under way or waiting, of all parts that this process reads from one Milvus. */
const BUDGET_BYTES = 96 * 1024 * 1024;

/**
 * Inserts of all parts under way at once: measured best on Milvus 2.3.5 (design section 4); more only wait for each other
 * there. Lite takes one after the other.
 */
const INSERTS = { milvus: 4, lite: 1 } as const;

type Ways = Pick<Session, 'lane' | 'gate'>;

/** Opens and closes connections in pairs; keeps the ways in for each address, so that a part starts as fast as the last one ended. */
export function createSessions({ connect, clock }: RowsEngineDeps): WithSession {
  const ways = new Map<string, Ways>();
  const waysTo = (address: string, lite: boolean): Ways => {
    // A server of the other kind may come to listen there.
    const place = `${lite ? 'lite' : 'milvus'} ${address}`;
    const known = ways.get(place);
    if (known !== undefined) return known;
    const tuner = createTuner(lite ? LITE_LIMITS : MILVUS_LIMITS);
    const made: Ways = {
      lane: createLane({ budgetBytes: BUDGET_BYTES, tuner, clock }),
      gate: createGate(INSERTS[lite ? 'lite' : 'milvus']),
    };
    ways.set(place, made);
    return made;
  };
  return async (address, signal, use) => {
    // Dozens of calls listen to it at once, which is no leak: each leaves when it ends.
    setMaxListeners(0, signal);
    const client = connect(address);
    try {
      const { lite, version } = await client.server(signal);
      return await use({ client, lite, version, ...waysTo(address.address, lite) });
    } finally {
      client.close();
    }
  };
}
