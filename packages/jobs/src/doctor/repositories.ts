import { stat } from 'node:fs/promises';
import { isBucketPlace, type Config, type StoragePlace } from '@milvault/shared';
import type { Adapters } from '../adapters.ts';
import { spaceFinding } from '../findings.ts';
import { examinerOf, type Diagnosis } from './diagnosis.ts';

/** Objects that a store is tried with: a list of more than a page is left to `milvault repo probe`. */
const FEW = 20;

/** Whether a repository can be read and written, keeps its promises, has room, and lies elsewhere than what it saves. */
export async function examineRepository(
  { name, place }: Config['repositories'][number],
  { sources }: Config,
  adapters: Adapters,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const say = examinerOf('repository', name);
  try {
    const repository = await adapters.repository(name);
    const { backups, damages } = await repository.survey();
    const [damage] = damages;
    const found = [say.ok(`${place} holds ${String(backups.length)} backups`)];
    if (damage !== undefined) {
      found.push(
        say.bad(
          `${String(damages.length)} of its records are damaged: ${damage.message}`,
          'Check the disk, and bring the file back from a copy; the backups themselves may be sound: verify them',
        ),
      );
    }
    const space = await repository.space();
    if (space !== null) found.push(say.finding(spaceFinding(name, space)));
    const { safe, findings } = await adapters.probeRepository(name, signal, FEW);
    const broken = findings.filter(({ required, result }) => required && result === 'failed');
    found.push(
      safe
        ? say.ok('What is written there stays as it was written')
        : say.bad(
            `The store breaks what backups stand on: ${broken.map((one) => `${one.name}: ${one.detail}`).join('; ')}`,
            'Use another store; `milvault repo probe` says more',
          ),
    );
    for (const source of sources) {
      if (!(await sameDisk(place, source.storage))) continue;
      found.push(
        say.doubt(
          `It lies on the disk on which the source ${source.name} keeps its files: one failure takes both`,
          'Move the repository to another disk, another machine or a bucket',
        ),
      );
    }
    return found;
  } catch (thrown) {
    signal.throwIfAborted();
    return [say.fault(thrown)];
  }
}

async function sameDisk(place: string, storage: StoragePlace | null): Promise<boolean> {
  if (storage === null || isBucketPlace(place) || isBucketPlace(storage.place)) return false;
  const [own, other] = await Promise.all([deviceOf(place), deviceOf(storage.place)]);
  return own !== null && own === other;
}

/** Null where there is nothing: that is told of the source itself. */
const deviceOf = (folder: string): Promise<number | null> =>
  stat(folder).then(
    ({ dev }) => dev,
    () => null,
  );
