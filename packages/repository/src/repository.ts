import { abandon } from './backup/abandon.ts';
import { commit } from './backup/commit.ts';
import { leaving } from './backup/leaving.ts';
import { beginReading, endReading } from './backup/reading.ts';
import { entryOf, readChunk, readDeletions, readIndex, readLog, readManifest } from './backup/read.ts';
import { begin, putChunk, putDeletions, putLog } from './backup/write.ts';
import { addProof } from './checks/reports.ts';
import { verify } from './checks/verify.ts';
import { cleanup } from './cleanup/cleanup.ts';
import { hold, release } from './cleanup/hold.ts';
import { removeBackup } from './cleanup/remove.ts';
import type { RepositoryContext } from './context.ts';
import { liveKeys } from './live/live-keys.ts';
import { committedSlot, find, locate, survey } from './list/survey.ts';
import type { Repository } from './port.ts';

/** The parts of a repository, as one. */
export const createRepository = (context: RepositoryContext): Repository => ({
  id: context.repoId,
  place: context.driver.place,
  within: (signal) => createRepository({ ...context, driver: context.driver.within?.(signal) ?? context.driver }),
  begin: (draft) => begin(context, draft),
  putChunk: (draft, input) => putChunk(context, draft, input),
  putDeletions: (draft, definition, marked) => putDeletions(context, draft, definition, marked),
  putLog: (draft, input) => putLog(context, draft, input),
  commit: (draft, input) => commit(context, draft, input),
  abandon: (draft, reason) => abandon(context, draft, reason),
  list: async () => [...(await survey(context)).backups],
  survey: () => survey(context),
  find: (idOrName) => find(context, idOrName),
  manifest: async (id) => {
    const slot = await committedSlot(context, await locate(context, id));
    return context.memo.manifests.get(slot.manifestKey) ?? (await readManifest(context, slot));
  },
  index: async (manifest, database, collection) => {
    const entry = entryOf(manifest, database, collection);
    return context.memo.indexes.get(entry.indexKey) ?? (await readIndex(context, manifest, entry));
  },
  readChunk: (index, chunk) => readChunk(context, index, chunk),
  readLog: (file) => readLog(context, file),
  readDeletions: (vector) => readDeletions(context, vector),
  liveKeys: (index, partition, range) => liveKeys(context, index, partition, range),
  verify: (id, options) => verify(context, id, options),
  addProof: async (id, proof, report) => addProof(context, await locate(context, id), proof, report),
  remove: (id, options) => removeBackup(context, id, options),
  hold: (id, reason) => hold(context, id, reason),
  release: (id) => release(context, id),
  beginReading: async (id, reading) => beginReading(context, await locate(context, id), reading),
  endReading: async (id, reader) => endReading(context, await locate(context, id), reader),
  leaving: () => leaving(context),
  cleanup: (options) => cleanup(context, options),
  space: () => context.driver.space(),
});
