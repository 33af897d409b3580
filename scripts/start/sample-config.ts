import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COLLECTION } from './sample/films.ts';

/** Names in the configuration that `npm start` writes where nobody wrote one. */
export const SAMPLE = { source: 'sample', repository: 'backups', plan: 'films' } as const;

/** Writes a configuration of the sample: a small one to start from, too. Returns its path. */
export async function writeSampleConfig(folder: string, address: string): Promise<string> {
  const file = join(folder, 'milvault.json');
  const config = {
    sources: [{ name: SAMPLE.source, address }],
    repositories: [{ name: SAMPLE.repository, place: join(folder, 'backups') }],
    plans: [
      {
        name: SAMPLE.plan,
        source: SAMPLE.source,
        repository: SAMPLE.repository,
        // Not all: a Milvus Lite that was started again has loaded nothing, and what somebody restored beside is not ours.
        collections: [COLLECTION],
        full: '0 2 * * 0',
        incremental: '0 2 * * 1-6',
        verify: 2,
        retention: { days: 7 },
      },
    ],
  };
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`);
  return file;
}
