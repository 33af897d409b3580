import type { MilvusAddress } from '@milvault/milvus';
import { fail } from '@milvault/shared';
import type { Engine, RestorePlan } from '../port.ts';
import { createSessions, type RowsEngineDeps } from '../rows/connect.ts';
import { inspect } from '../rows/inspect.ts';
import { abandonRestore } from '../rows/restore/begin-restore.ts';
import { finishRestore } from '../rows/restore/finish-restore.ts';
import { wouldRestore } from '../rows/restore/would-restore.ts';
import { backupPart } from './backup/backup-part.ts';
import { finishBackup } from './backup/finish-backup.ts';
import { planBackup } from './backup/plan-backup.ts';
import type {
  SegmentsPart,
  SegmentsPartResult,
  SegmentsPlan,
  SegmentsRestorePart,
  SegmentsRestorePlan,
} from './parts.ts';
import { beginRestore } from './restore/begin-restore.ts';
import { compareSegments } from './restore/compare.ts';
import { folderOf, IMPORT_LIMITS, writerOf, type ImportLimits } from './restore/import.ts';
import { planRestore } from './restore/plan-restore.ts';
import { restorePart } from './restore/restore-part.ts';
import { IMPORT_FROM_BYTES } from './restore/ways.ts';
import { whyNot } from './serves.ts';

export interface SegmentsEngineDeps extends RowsEngineDeps {
  readonly importLimits?: ImportLimits;
  /** Smaller partitions are inserted row by row where that can be. */
  readonly importFromBytes?: number;
}

/**
 * The engine that copies Milvus's own files, so that an incremental costs what Milvus added. It needs to read the
 * storage of the source; a restore writes to that of the target and lets the server import, or, where that cannot be,
 * decodes the files and inserts their rows.
 */
export function createSegmentsEngine(deps: SegmentsEngineDeps): Engine {
  const within = createSessions(deps);
  const limits = deps.importLimits ?? IMPORT_LIMITS;
  const fromBytes = deps.importFromBytes ?? IMPORT_FROM_BYTES;
  const clean = async (target: MilvusAddress, plan: SegmentsRestorePlan, context: Parameters<Engine['inspect']>[2]) => {
    if (plan.ways.includes('import')) await writerOf(target, context).removeAll(folderOf(plan));
  };
  return {
    kind: 'segments',
    abilities: { incremental: true, partitions: true, rename: true, consistency: 'pinned' },
    serves: async (source, context) =>
      // Known without a word of the server, which may be in reach of its tool alone.
      (source.storage ?? null) === null
        ? 'where it keeps its files is not configured'
        : within(source, context.signal, (session) => whyNot(session, source, context)),
    inspect: (source, collections, context) =>
      within(source, context.signal, (session) => inspect(session, collections, context, false)),
    planBackup: (source, repository, request, context) =>
      within(source, context.signal, (session) => planBackup(session, source, repository, request, context)),
    backupPart: (source, repository, draft, part: SegmentsPart, fence, context) =>
      backupPart(source, repository, draft, part, fence, context),
    finishBackup: (source, _repository, _draft, plan: SegmentsPlan, results: readonly SegmentsPartResult[], context) =>
      within(source, context.signal, (session) => finishBackup(session, plan, results)),
    verify: (repository, backup, options) => repository.verify(backup, options),
    wouldRestore: (_target, repository, manifest, request) => wouldRestore(repository, manifest, request),
    planRestore: (target, repository, manifest, request, context) =>
      within(target, context.signal, (session) =>
        planRestore(session, target, repository, manifest, request, context, fromBytes),
      ),
    beginRestore: (target, repository, plan, context) =>
      within(target, context.signal, (session) => beginRestore(session, repository, planOf(plan), context)),
    restorePart: (target, repository, plan, part: SegmentsRestorePart, attempt, context) =>
      within(target, context.signal, (session) =>
        restorePart({ session, target, repository, plan: planOf(plan), part, context }, attempt, limits),
      ),
    finishRestore: (target, repository, plan, context) =>
      within(target, context.signal, async (session) => {
        const report = await finishRestore(session, plan, context, ({ index }, restored) =>
          compareSegments(session, repository, index, restored, context),
        );
        await clean(target, planOf(plan), context);
        return report;
      }),
    // Not the run's signal: that has aborted, which is why this is called.
    abandonRestore: (target, plan, context) =>
      within(target, new AbortController().signal, async (session) => {
        await abandonRestore(session, plan);
        await clean(target, planOf(plan), context);
      }),
  };
}

/** Plans travel as those of any engine; this one made them. */
function planOf(plan: RestorePlan): SegmentsRestorePlan {
  if ('ways' in plan && 'token' in plan) return plan as SegmentsRestorePlan;
  throw fail('INTERNAL', { what: 'A plan of another engine' });
}
