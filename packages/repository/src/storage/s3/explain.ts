import { fail, isMilvaultError, type ErrorCode, type MilvaultError, type S3Access } from '@milvault/shared';
import { missing } from '../faults.ts';
import { storeFault, type StoreFaultKind } from './faults.ts';

/** What to do about a fault, where the table's sentence is not precise enough. */
export function advice(kind: StoreFaultKind, access: S3Access): string | undefined {
  const store = access.endpoint ?? `Amazon S3 in ${access.region}`;
  const words: Partial<Record<StoreFaultKind, string>> = {
    'no-bucket': 'Check the name of the bucket and the endpoint, or create the bucket',
    denied: 'Give these keys the rights to list the bucket and to get, put and delete objects below the prefix',
    keys: 'Check accessKey and secretKey; temporary keys expire and need a sessionToken',
    clock: 'Set the clock of this machine right: a store refuses calls that are minutes off',
    region: 'Set `region` to that of the bucket, and `endpoint` to the store that has it',
    full: 'Free space or raise the quota of the bucket; older backups are untouched',
    busy: `The store was asked again and again: look at its load and health (${store})`,
    unreachable: `Check the endpoint, its certificate, the network, and that the store runs (${store})`,
    cut: `Check the network and the load of the store (${store})`,
  };
  return words[kind];
}

const ALWAYS: Partial<Record<StoreFaultKind, ErrorCode>> = {
  'no-bucket': 'REPO_NOT_A_REPOSITORY',
  keys: 'REPO_ACCESS_DENIED',
  clock: 'REPO_ACCESS_DENIED',
  full: 'REPO_FULL',
};

const CODES: Readonly<Record<'read' | 'write', Partial<Record<StoreFaultKind, ErrorCode>>>> = {
  read: { ...ALWAYS, denied: 'REPO_ACCESS_DENIED' },
  write: { ...ALWAYS, denied: 'REPO_NOT_WRITABLE', unsupported: 'REPO_STORE_UNSAFE' },
};

/** A store, as the words about it need to know it. */
export interface Told {
  readonly place: string;
  readonly access: S3Access;
}

/** A failed call on the store of a repository, as the error that a person can act on. */
export function repositoryFault(
  thrown: unknown,
  { place, access }: Told,
  key: string,
  way: 'read' | 'write',
): MilvaultError {
  if (isMilvaultError(thrown)) return thrown;
  const fault = storeFault(thrown);
  if (way === 'read' && fault.kind === 'missing') return missing(place, key);
  const next = advice(fault.kind, access);
  const doing = way === 'read' ? 'Reading' : 'Writing';
  return fail(CODES[way][fault.kind] ?? (way === 'read' ? 'REPO_READ_FAILED' : 'REPO_WRITE_FAILED'), {
    what: `${doing} ${key || 'the list'} in ${place} failed (${fault.message})`,
    cause: fault,
    details: { key, place, fault: fault.kind },
    ...(next === undefined ? {} : { next }),
  });
}

/** A failed call on the storage that Milvus keeps its files in. Never mistaken for a fault of a repository. */
export function sourceFault(thrown: unknown, { place, access }: Told, key: string): MilvaultError {
  if (isMilvaultError(thrown)) return thrown;
  const fault = storeFault(thrown);
  const details = { key, place, fault: fault.kind };
  if (fault.kind === 'missing') return fail('STORAGE_OBJECT_MISSING', { what: `${key} is not in ${place}`, details });
  const next =
    fault.kind === 'denied'
      ? 'Give these keys the rights to list the bucket and to get objects below the prefix'
      : advice(fault.kind, access);
  const refused: readonly StoreFaultKind[] = ['denied', 'keys', 'clock'];
  return fail(refused.includes(fault.kind) ? 'STORAGE_DENIED' : 'STORAGE_UNREACHABLE', {
    what: `Reading ${key || 'the list'} in ${place} failed (${fault.message})`,
    cause: fault,
    details,
    ...(next === undefined ? {} : { next }),
  });
}
