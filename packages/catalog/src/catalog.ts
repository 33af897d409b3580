import type { Redis } from 'ioredis';
import type { Clock } from '@milvault/shared';
import { createAudit, type Audit } from './audit.ts';
import { createEventLog, type EventLog } from './events.ts';
import { createFacts, type Facts } from './facts.ts';
import { createIncidents, type Incidents } from './incidents.ts';
import { createLeases, type Leases } from './leases.ts';
import { createRunWork, type RunWork } from './run-work.ts';
import { createRuns, type Runs } from './runs.ts';
import { DEFAULT_PREFIX, type Store } from './store.ts';
import { createTokens, type Tokens } from './tokens.ts';
import { createWorkers, type Workers } from './workers.ts';

/**
 * What we know, in Redis. Nothing here is needed to restore a backup, and all of it may be lost: backups are listed from
 * their repositories, schedules come from the configuration.
 */
export interface Catalog {
  readonly runs: Runs;
  readonly work: RunWork;
  readonly leases: Leases;
  readonly events: EventLog;
  readonly incidents: Incidents;
  readonly workers: Workers;
  readonly facts: Facts;
  readonly tokens: Tokens;
  readonly audit: Audit;
}

export interface CatalogOptions {
  /** The caller's connection: it stays the caller's to close. */
  readonly redis: Redis;
  readonly clock: Clock;
  readonly prefix?: string;
}

export function createCatalog({ redis, clock, prefix = DEFAULT_PREFIX }: CatalogOptions): Catalog {
  const store: Store = { redis, clock, prefix };
  const events = createEventLog(store);
  return {
    events,
    runs: createRuns(store, events),
    work: createRunWork(store, events),
    leases: createLeases(store),
    incidents: createIncidents(store, events),
    workers: createWorkers(store, events),
    facts: createFacts(store),
    tokens: createTokens(store),
    audit: createAudit(store),
  };
}
