import { fail, type Clock } from '@milvault/shared';
import { isSafeKey } from '../format/names.ts';
import type { StorageDriver } from '../port.ts';
import { missing } from './faults.ts';

/** Objects in this process's memory: for tests and for trying things out. Gone with the process. */
export function createMemoryStorage(place: string, clock: Clock): StorageDriver {
  const objects = new Map<string, { bytes: Uint8Array; modifiedAt: number }>();
  const checked = (key: string): string => {
    if (!isSafeKey(key)) throw fail('INTERNAL', { what: `${JSON.stringify(key)} is not a key of a repository` });
    return key;
  };
  const write = (key: string, bytes: Uint8Array): void => {
    objects.set(key, { bytes: Uint8Array.from(bytes), modifiedAt: clock.now() });
  };
  const read = (key: string): Uint8Array => {
    const object = objects.get(checked(key));
    if (object === undefined) throw missing(place, key);
    return object.bytes;
  };
  return {
    place,
    put: async (key, bytes) => write(checked(key), bytes),
    create: async (key, bytes) => {
      if (objects.has(checked(key))) return 'exists';
      write(key, bytes);
      return 'created';
    },
    get: async (key) => Uint8Array.from(read(key)),
    getRange: async (key, offset, length) => read(key).slice(offset, offset + length),
    stat: async (key) => {
      const object = objects.get(checked(key));
      return object === undefined ? null : { key, size: object.bytes.length, modifiedAt: object.modifiedAt };
    },
    list: async function* (prefix) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      for (const key of keys) {
        const object = objects.get(key);
        if (object !== undefined) yield { key, size: object.bytes.length, modifiedAt: object.modifiedAt };
      }
    },
    remove: async (key) => {
      objects.delete(checked(key));
    },
    isEmpty: async () => objects.size === 0,
    sweep: async () => 0,
    space: async () => null,
  };
}
