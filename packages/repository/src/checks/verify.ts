import { fail, isStopped, toMilvaultError, type Damage, type VerifyReport } from '@milvault/shared';
import { logsOf, ownersOf } from '../backup/files.ts';
import { isBuried } from '../backup/leaving.ts';
import type { RepositoryContext } from '../context.ts';
import { parseKey, type BackupRef } from '../format/names.ts';
import { locate } from '../list/survey.ts';
import type { VerifyOptions } from '../port.ts';
import { createFindings, type Findings } from './findings.ts';
import { putReport } from './reports.ts';
import {
  checkChunk,
  checkDeletions,
  checkSizes,
  checkStructure,
  chunkConcern,
  type CheckedIndex,
} from './structure.ts';
import { checkSegments } from './segments.ts';
import { checkUnique } from './unique.ts';

/** {@link import('../port.ts').Repository.verify} */
export async function verify(context: RepositoryContext, id: string, options: VerifyOptions): Promise<VerifyReport> {
  const started = context.clock.monotonic();
  const ref = await locate(context, id);
  const findings = createFindings(context);
  const totals = await runLevels(context, ref, options, findings);
  if (findings.damages.length > 0 && (await isBuried(context, ref))) {
    throw fail('BACKUP_NOT_FOUND', { what: `The backup ${ref.backupId} was deleted while it was checked` });
  }
  const report: VerifyReport = {
    backup: ref.backupId,
    level: options.level,
    result: findings.result(),
    at: context.clock.now(),
    durationMs: Math.round(context.clock.monotonic() - started),
    ...totals,
    damages: [...findings.damages],
    ...(findings.unread.length === 0 ? {} : { unread: [...findings.unread] }),
  };
  await store(context, ref, report);
  await tellOwners(context, ref, report);
  return report;
}

type Totals = Pick<VerifyReport, 'chunks' | 'rows' | 'bytes'>;

async function runLevels(
  context: RepositoryContext,
  ref: BackupRef,
  options: VerifyOptions,
  findings: Findings,
): Promise<Totals> {
  const { level, signal } = options;
  signal?.throwIfAborted();
  const indexes = await checkStructure(context, ref, findings);
  const totals: Totals = {
    chunks: indexes.reduce((sum, { index }) => sum + index.chunks.length + logsOf(index).length, 0),
    rows: indexes.reduce((sum, { index }) => sum + index.rows, 0),
    bytes: 0,
  };
  signal?.throwIfAborted();
  await checkDeletions(context, indexes, findings);
  if (level === 0) return totals;
  signal?.throwIfAborted();
  const bad = await checkSizes(context, ref, indexes, findings);
  if (level === 1) return totals;
  const read = await readChunks(context, indexes, bad, { ...options, level }, findings);
  if (level === 3 && findings.damages.length === 0) await checkKeys(context, ref, indexes, options, findings);
  return { ...totals, ...read };
}

/** Only where something is borrowed can chunks overlap. */
async function checkKeys(
  context: RepositoryContext,
  ref: BackupRef,
  indexes: readonly CheckedIndex[],
  { signal }: VerifyOptions,
  findings: Findings,
): Promise<void> {
  for (const { index, indexKey, concern } of indexes) {
    signal?.throwIfAborted();
    if (index.segments !== undefined || ownersOf([index], ref).length === 0) continue;
    await findings.attempt(indexKey, { ...concern, rows: index.rows }, () => checkUnique(context, index, indexKey));
  }
}

/** One chunk is fetched while the one before it is looked at: two are in memory at most. */
async function readChunks(
  context: RepositoryContext,
  indexes: readonly CheckedIndex[],
  bad: ReadonlySet<string>,
  options: VerifyOptions & { readonly level: 2 | 3 },
  findings: Findings,
): Promise<Pick<Totals, 'rows' | 'bytes'>> {
  const totals = { rows: 0, bytes: 0 };
  for (const checked of indexes) {
    const ofSegments = await checkSegments(context, checked, bad, options, findings);
    totals.rows += ofSegments.rows;
    totals.bytes += ofSegments.bytes;
  }
  const wanted = indexes.flatMap(({ index, concern }) =>
    index.chunks.filter(({ key }) => !bad.has(key)).map((chunk) => ({ index, chunk, concern })),
  );
  const begin = (place: number): Promise<number> | null => {
    const one = wanted[place];
    const check = one === undefined ? null : checkChunk(context, one.index, one.chunk, options.level);
    // Its fault is told when its turn comes; until then it is not an unhandled one.
    check?.catch(() => undefined);
    return check;
  };
  let next = begin(0);
  try {
    for (const [place, { index, chunk, concern }] of wanted.entries()) {
      options.signal?.throwIfAborted();
      let begun = next;
      next = begin(place + 1);
      const rows = await findings.attempt(chunk.key, chunkConcern(concern, chunk), () => {
        const check = begun ?? checkChunk(context, index, chunk, options.level);
        begun = null;
        return check;
      });
      if (rows === null) continue;
      totals.rows += rows;
      totals.bytes += chunk.size;
      options.onProgress?.({ chunks: 1, bytes: chunk.size });
    }
  } finally {
    await next?.catch(() => undefined);
  }
  return totals;
}

/**
 * A damaged file that was borrowed is a damage of the backup that wrote it, too: noted there, it is not borrowed again.
 * What cannot be noted is logged: the report of the check itself was kept.
 */
async function tellOwners(context: RepositoryContext, ref: BackupRef, report: VerifyReport): Promise<void> {
  const owners = new Map<string, Damage[]>();
  for (const damage of report.damages) {
    const name = parseKey(damage.object);
    if (name === null || !('backupId' in name) || name.backupId === ref.backupId) continue;
    owners.set(name.backupId, [...(owners.get(name.backupId) ?? []), damage]);
  }
  for (const [backupId, damages] of owners) {
    const proof = { level: report.level, result: report.result, at: report.at };
    try {
      await putReport(context, { ...ref, backupId }, proof, { foundBy: ref.backupId, damages });
    } catch (error) {
      context.logger.error({ err: error, backup: backupId }, 'The damage of a borrowed file could not be noted');
    }
  }
}

/** A check whose report cannot be kept has failed, but what it found must not be lost with it. */
async function store(context: RepositoryContext, ref: BackupRef, report: VerifyReport): Promise<void> {
  const proof = { level: report.level, result: report.result, at: report.at };
  try {
    await putReport(context, ref, proof, { ...report });
  } catch (cause) {
    if (isStopped(cause)) throw cause;
    const { code, message } = toMilvaultError(cause);
    throw fail(code, {
      what: `The check of ${report.backup} ended with "${report.result}", but its report could not be stored: ${message}`,
      cause,
      details: { report },
    });
  }
}
