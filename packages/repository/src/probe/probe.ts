import { hasCode, isStopped, toMilvaultError, type Clock, type ProbeFinding, type ProbeReport } from '@milvault/shared';
import { mapLimited } from '../memo.ts';
import type { StorageDriver } from '../port.ts';
import { PROBE_FOLDER } from '../storage/probe-folder.ts';
import { probeFolder, QUESTIONS, type ProbeParts, type Question } from './checks.ts';

export interface ProbeOptions {
  /** Objects that the long list is made of. Default: more than S3 gives in one answer. */
  readonly keys?: number;
  readonly signal?: AbortSignal;
}

const MORE_THAN_A_PAGE = 1_001;
const AT_ONCE = 16;
/** Another probe may be under way in the same place. */
const LEFT_OVER_AGE = 24 * 60 * 60 * 1000;

/**
 * Tries on the real store what a repository stands on, in a folder of its own that it removes again. A fault of the store
 * is a finding; only one that stops every try (keys, rights, no such place) rejects.
 */
export async function probeStorage(
  driver: StorageDriver,
  clock: Clock,
  options: ProbeOptions = {},
): Promise<ProbeReport> {
  const folder = probeFolder(clock);
  const written = new Set<string>();
  const { signal, keys = MORE_THAN_A_PAGE } = options;
  const stoppable = signal === undefined ? driver : (driver.within?.(signal) ?? driver);
  const parts: ProbeParts = { driver: noting(stoppable, written), clock, folder, keys };
  const started = clock.monotonic();
  const findings: ProbeFinding[] = [];
  try {
    for (const question of QUESTIONS) {
      signal?.throwIfAborted();
      findings.push(await tried(question, parts));
    }
  } catch (error) {
    // The first fault says more than what follows from it.
    await clear({ driver, clock }, written).catch(() => undefined);
    throw error;
  }
  await clear({ driver, clock }, written).catch((error: unknown) => {
    // Where deleting is refused, or the store is broken, that was told; the next probe removes what stayed.
    if (findings.every(({ result }) => result === 'ok' || result === 'skipped')) throw error;
  });
  return {
    place: driver.place,
    at: clock.now(),
    durationMs: Math.round(clock.monotonic() - started),
    safe: findings.every(({ required, result }) => !required || result !== 'failed'),
    findings,
  };
}

async function tried({ name, required, ask }: Question, parts: ProbeParts): Promise<ProbeFinding> {
  try {
    return { name, required, ...(await ask(parts)) };
  } catch (error) {
    if (isStopped(error)) throw error;
    // Nothing can be tried where nothing may be written: that is no word about the store.
    if (hasCode(error, 'REPO_NOT_A_REPOSITORY', 'REPO_ACCESS_DENIED', 'REPO_NOT_WRITABLE', 'INTERNAL')) throw error;
    const { code, message } = toMilvaultError(error);
    return { name, required, result: 'failed', detail: `${code}: ${message}` };
  }
}

/** The driver, with every key noted that may be written: what a broken list does not show is removed all the same. */
function noting(driver: StorageDriver, written: Set<string>): StorageDriver {
  const noted =
    <T>(write: (key: string, bytes: Uint8Array) => Promise<T>) =>
    (key: string, bytes: Uint8Array): Promise<T> => {
      written.add(key);
      return write(key, bytes);
    };
  const { spoil } = driver;
  return {
    ...driver,
    put: noted(driver.put),
    create: noted(driver.create),
    ...(spoil === undefined ? {} : { spoil: { checksum: noted(spoil.checksum), tear: noted(spoil.tear) } }),
  };
}

/** Removes what this probe wrote, and what an earlier one left that died. */
async function clear(
  { driver, clock }: Pick<ProbeParts, 'driver' | 'clock'>,
  written: ReadonlySet<string>,
): Promise<void> {
  await mapLimited([...written], AT_ONCE, (key) => driver.remove(key));
  const old: string[] = [];
  for await (const { key, modifiedAt } of driver.list(PROBE_FOLDER)) {
    if (clock.now() - modifiedAt > LEFT_OVER_AGE) old.push(key);
  }
  await mapLimited(old, AT_ONCE, (key) => driver.remove(key));
}
