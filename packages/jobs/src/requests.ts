import { createHash } from 'node:crypto';
import { DEFAULT_CHAIN, fail, type Plan, type RunKind } from '@milvault/shared';
import type { BackupPayload, JobPayloads } from './port.ts';

/** How incrementals are taken where nobody says otherwise. */
export const BACKUP_DEFAULTS: Pick<BackupPayload, 'base' | 'chain' | 'consistency'> = {
  base: 'last',
  chain: DEFAULT_CHAIN,
  consistency: 'fuzzy',
};

/** What a schedule of a plan asks for. */
export const backupOf = (plan: Plan, type: 'full' | 'incremental'): BackupPayload => ({
  source: plan.source,
  repository: plan.repository,
  collections: plan.collections,
  type,
  engine: plan.engine,
  plan: plan.name,
  verify: plan.verify,
  base: plan.base,
  chain: plan.chain,
  consistency: plan.consistency,
});

/** Refuses what must never lie in Redis. REQUEST_INVALID. */
export function refuseCredentials(payload: JobPayloads[RunKind]): void {
  for (const [field, value] of Object.entries(payload)) {
    if (typeof value === 'string' && /^([a-z][a-z0-9+.-]*:\/\/)?[^/\s]*@/i.test(value) && isAddressField(field)) {
      throw fail('REQUEST_INVALID', {
        what: `The ${field} may not hold credentials`,
        expected: 'a name or host:port',
        got: 'an address with @',
        next: 'Configure the source with its credentials and give its name',
      });
    }
  }
}

const isAddressField = (field: string): boolean => field === 'source' || field === 'target';

/** Equal for equal requests: what says that a run is already queued or under way. Safe in a job id. */
export function requestKey(kind: RunKind, payload: unknown): string {
  return `${kind}-${createHash('sha256').update(canonical(payload)).digest('hex').slice(0, 32)}`;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, held]) => `${JSON.stringify(key)}:${canonical(held)}`).join(',')}}`;
}

/** A payload as the record of its run shows it: credentials inside an address are cut out. */
export const publicRequest = (payload: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(payload).map(([field, value]: [string, unknown]) => [
      field,
      typeof value === 'string' && isAddressField(field)
        ? value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, '$1')
        : value,
    ]),
  );
