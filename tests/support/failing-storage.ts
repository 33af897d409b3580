import { fail, type ErrorCode } from '@milvault/shared';
import type { StorageDriver } from '@milvault/repository';

export interface FailPoint {
  /** The n-th writing call (put, create, remove) fails, counted from 1. */
  readonly at: number;
  /** `before`: nothing is done. `after`: it is done, and the answer is lost. */
  readonly moment: 'before' | 'after';
  /** True: the process is dead, so no later call of any kind does anything either. */
  readonly dead: boolean;
  readonly code?: ErrorCode;
}

/** A store that fails at one point, as a crash, a cut wire or a full disk would make it. */
export interface FailingStorage extends StorageDriver {
  /** Writing calls so far. */
  readonly writes: () => number;
}

export function failingStorage(inner: StorageDriver, point: FailPoint): FailingStorage {
  let writes = 0;
  let dead = false;
  const error = () => fail(point.code ?? 'REPO_WRITE_FAILED', { what: `failpoint at write ${point.at}` });
  const alive = (): void => {
    if (dead) throw error();
  };
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    alive();
    writes += 1;
    if (writes !== point.at) return work();
    dead = point.dead;
    if (point.moment === 'after') await work();
    throw error();
  };
  const read = async <T>(work: () => Promise<T>): Promise<T> => {
    alive();
    return work();
  };
  return {
    place: inner.place,
    writes: () => writes,
    put: (key, bytes) => write(() => inner.put(key, bytes)),
    create: (key, bytes) => write(() => inner.create(key, bytes)),
    remove: (key) => write(() => inner.remove(key)),
    get: (key) => read(() => inner.get(key)),
    getRange: (key, offset, length) => read(() => inner.getRange(key, offset, length)),
    stat: (key) => read(() => inner.stat(key)),
    list: async function* (prefix) {
      alive();
      yield* inner.list(prefix);
    },
    isEmpty: () => read(() => inner.isEmpty()),
    sweep: (ageMs) => read(() => inner.sweep(ageMs)),
    space: () => read(() => inner.space()),
  };
}
