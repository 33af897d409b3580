import { hasCode, newId, type Clock, type ProbeFinding } from '@milvault/shared';
import { mapLimited } from '../memo.ts';
import type { StorageDriver } from '../port.ts';
import { PROBE_FOLDER } from '../storage/probe-folder.ts';

/** What one question to a store needs. */
export interface ProbeParts {
  readonly driver: StorageDriver;
  readonly clock: Clock;
  /** Where this probe writes: a folder of its own. */
  readonly folder: string;
  /** Objects that the long list is made of. */
  readonly keys: number;
}

type Verdict = Pick<ProbeFinding, 'result' | 'detail'>;

/** One promise of a store, and how it is tried. */
export interface Question {
  readonly name: ProbeFinding['name'];
  /** A store that fails this may hold no repository. */
  readonly required: boolean;
  ask(parts: ProbeParts): Promise<Verdict>;
}

export const probeFolder = (clock: Clock): string => `${PROBE_FOLDER}${newId(clock)}/`;

const ok = (detail: string): Verdict => ({ result: 'ok', detail });
const failed = (detail: string): Verdict => ({ result: 'failed', detail });
const bytes = (text: string): Uint8Array => Buffer.from(text);
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const AT_ONCE = 16;
const RACERS = 8;
const TORN_BYTES = 4 * 1024 * 1024;
/** A certificate, a lease or a retention that is judged by a clock further off than this is judged wrong. */
const CLOCK_MS = 5 * 60 * 1000;

async function listed(driver: StorageDriver, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of driver.list(prefix)) keys.push(key);
  return keys;
}

async function readAfterWrite({ driver, folder }: ProbeParts): Promise<Verdict> {
  const key = `${folder}read`;
  for (const text of ['first', 'second, and longer']) {
    await driver.put(key, bytes(text));
    if (!same(await driver.get(key), bytes(text))) return failed('a read gave other bytes than those written before');
    if ((await driver.stat(key))?.size !== text.length)
      return failed('the size after a write is not that of its bytes');
  }
  const part = await driver.getRange(key, 8, 3);
  return same(part, bytes('and'))
    ? ok('what was written is read at once')
    : failed('a range of an object is another one');
}

async function createOnly({ driver, folder }: ProbeParts): Promise<Verdict> {
  const key = `${folder}create`;
  const first = await driver.create(key, bytes('first'));
  const second = await driver.create(key, bytes('second'));
  if (first === 'created' && second === 'exists' && same(await driver.get(key), bytes('first'))) {
    return ok('an object that is there is not written a second time');
  }
  return failed(
    'it wrote an object that was to be written only where there is none (`If-None-Match: *`): two workers could both ' +
      'decide the fate of one backup',
  );
}

async function createRace({ driver, folder }: ProbeParts): Promise<Verdict> {
  for (const round of [1, 2, 3]) {
    const key = `${folder}race-${round}`;
    const racers = Array.from({ length: RACERS }, (_, i) => driver.create(key, bytes(`racer ${i}`)));
    const results = await Promise.all(racers);
    const winners = results.filter((result) => result === 'created').length;
    if (winners !== 1) return failed(`of ${RACERS} that created one object at once ${winners} were told that they had`);
    if (!same(await driver.get(key), bytes(`racer ${results.indexOf('created')}`))) {
      return failed('of several that created one object at once the wrong one was told that it had');
    }
  }
  return ok(`of ${RACERS} that create one object at once exactly one does`);
}

async function longList({ driver, folder, keys }: ProbeParts): Promise<Verdict> {
  const wanted = Array.from({ length: keys }, (_, i) => `${folder}list/${String(i).padStart(8, '0')}`);
  await mapLimited(wanted, AT_ONCE, (key) => driver.put(key, bytes('x')));
  const found = await listed(driver, `${folder}list/`);
  if (found.length !== keys || found.some((key, i) => key !== wanted[i])) {
    return failed(`of ${keys} objects that were just written a list has ${found.length}, or in another order`);
  }
  return ok(`a list has all ${keys} objects that were just written, in order`);
}

async function tornWrite({ driver, folder }: ProbeParts): Promise<Verdict> {
  if (driver.spoil === undefined) return { result: 'skipped', detail: 'no such case in this kind of storage' };
  const key = `${folder}torn`;
  await driver.spoil.tear(key, new Uint8Array(TORN_BYTES).fill(7));
  return (await driver.stat(key)) === null
    ? ok('a write that broke off left nothing')
    : failed('a write that broke off in its middle left an object');
}

async function checksum({ driver, folder }: ProbeParts): Promise<Verdict> {
  if (driver.spoil === undefined) return { result: 'skipped', detail: 'no such case in this kind of storage' };
  const key = `${folder}checksum`;
  const result = await driver.spoil.checksum(key, bytes('these bytes'));
  if (result === 'refused' && (await driver.stat(key)) === null)
    return ok('bytes that do not fit their checksum are refused');
  return {
    result: 'weak',
    detail: 'it took bytes that do not fit their checksum: damage on the way there shows only at the next check',
  };
}

async function removal({ driver, folder }: ProbeParts): Promise<Verdict> {
  const key = `${folder}remove`;
  await driver.put(key, bytes('x'));
  try {
    await driver.remove(key);
    await driver.remove(key);
  } catch (error) {
    if (!hasCode(error, 'REPO_NOT_WRITABLE')) throw error;
    return {
      result: 'weak',
      detail: 'it refuses to delete: backups are safe from these keys, and no clean-up frees space',
    };
  }
  if ((await driver.stat(key)) === null && !(await listed(driver, folder)).includes(key)) {
    return ok('what was deleted is gone');
  }
  return failed('an object that was deleted is still there');
}

async function clockDifference({ driver, clock, folder }: ProbeParts): Promise<Verdict> {
  const key = `${folder}clock`;
  await driver.put(key, bytes('x'));
  const now = clock.now();
  const there = (await driver.stat(key))?.modifiedAt ?? 0;
  const seconds = Math.round(Math.abs(there - now) / 1000);
  return seconds * 1000 <= CLOCK_MS
    ? ok(`its clock and ours differ by ${seconds} s`)
    : { result: 'weak', detail: `its clock and ours differ by ${seconds} s: set the clock of this machine right` };
}

/** Every promise, in the order in which they are tried: what a later one stands on comes first. */
export const QUESTIONS: readonly Question[] = [
  { name: 'read-after-write', required: true, ask: readAfterWrite },
  { name: 'create-only', required: true, ask: createOnly },
  { name: 'create-race', required: true, ask: createRace },
  { name: 'list-after-write', required: true, ask: longList },
  { name: 'torn-write', required: true, ask: tornWrite },
  { name: 'checksum', required: false, ask: checksum },
  { name: 'remove', required: true, ask: removal },
  { name: 'clock', required: false, ask: clockDifference },
];
