import type { Engine } from '../port.ts';
import { backupPart } from './backup/backup-part.ts';
import { finishBackup } from './backup/finish-backup.ts';
import { planBackup } from './backup/plan-backup.ts';
import { createSessions, type RowsEngineDeps } from './connect.ts';
import { inspect } from './inspect.ts';
import type { RowsPart, RowsPartResult, RowsPlan, RowsRestorePart } from './parts.ts';
import { abandonRestore, beginRestore } from './restore/begin-restore.ts';
import { finishRestore } from './restore/finish-restore.ts';
import { planRestore } from './restore/plan-restore.ts';
import { restorePart } from './restore/restore-part.ts';
import { wouldRestore } from './restore/would-restore.ts';

/**
 * The engine that needs nothing but Milvus's public port and loaded collections: rows are read over gRPC by key ranges,
 * several at once, and written back by inserts.
 */
export function createRowsEngine(deps: RowsEngineDeps): Engine {
  const within = createSessions(deps);
  return {
    kind: 'rows',
    abilities: { incremental: true, partitions: true, rename: true, consistency: 'proved-still' },
    serves: () => Promise.resolve(null),
    inspect: (source, collections, context) =>
      within(source, context.signal, (session) => inspect(session, collections, context)),
    planBackup: (source, repository, request, context) =>
      within(source, context.signal, (session) => planBackup(session, repository, request, context)),
    backupPart: (source, repository, draft, part: RowsPart, fence, context) =>
      within(source, context.signal, (session) => backupPart(session, repository, draft, part, fence, context)),
    finishBackup: (source, repository, draft, plan: RowsPlan, results: readonly RowsPartResult[], context) =>
      within(source, context.signal, (session) => finishBackup(session, repository, draft, plan, results, context)),
    verify: (repository, backup, options) => repository.verify(backup, options),
    wouldRestore: (_target, repository, manifest, request) => wouldRestore(repository, manifest, request),
    planRestore: (target, repository, manifest, request, context) =>
      within(target, context.signal, (session) => planRestore(session, repository, manifest, request, context)),
    beginRestore: (target, repository, plan, context) =>
      within(target, context.signal, (session) => beginRestore(session, repository, plan, context)),
    restorePart: (target, repository, plan, part: RowsRestorePart, attempt, context) =>
      within(target, context.signal, (session) => restorePart(session, repository, plan, part, attempt, context)),
    finishRestore: (target, _repository, plan, context) =>
      within(target, context.signal, (session) => finishRestore(session, plan, context)),
    // Not the run's signal: that has aborted, which is why this is called.
    abandonRestore: (target, plan) =>
      within(target, new AbortController().signal, (session) => abandonRestore(session, plan)),
  };
}
