import { fieldIdsOf, type ImportTask } from '@milvault/milvus';
import {
  openObjectWriter,
  segmentsOf,
  TIMESTAMP_FIELD,
  type CollectionIndex,
  type ObjectWriter,
  type SegmentEntry,
} from '@milvault/repository';
import { fail, type CollectionDefinition } from '@milvault/shared';
import type { EngineSource, RestoreTry } from '../../port.ts';
import { mapAtOnce } from '../../rows/at-once.ts';
import { stagingRef } from '../../rows/restore/staging.ts';
import { LOGICAL_BITS } from '../backup/moment.ts';
import type { SegmentsRestorePlan } from '../parts.ts';
import type { PartPlace } from './restore-part.ts';

export interface ImportLimits {
  /** Longest time of one import, and longest time without a step forward. */
  readonly limitMs: number;
  readonly stallMs: number;
  readonly pollMs: number;
}

export const IMPORT_LIMITS: ImportLimits = { limitMs: 6 * 60 * 60_000, stallMs: 15 * 60_000, pollMs: 250 };

/** Files of a restore lie in the target's storage under this name and its token, for as long as it takes. */
const FOLDER = 'milvault_restore';
const FILES_AT_ONCE = 4;
/** Import knows a file by its place alone: which collection and partition it was of does not matter. */
const ANYWHERE = '1/2';

export const folderOf = ({ token }: Pick<SegmentsRestorePlan, 'token'>): string => `${FOLDER}/${token}/`;

export function writerOf(target: EngineSource, { clock }: PartPlace['context']): ObjectWriter {
  if (target.storage !== undefined && target.storage !== null) return openObjectWriter(target.storage, clock);
  throw fail('INTERNAL', { what: `There is no storage of ${target.address} to import from` });
}

/**
 * Puts the files of some segments where the server finds them, asks it to import them, waits for the end and takes them
 * away. A task that an earlier try began is found by its folder and waited for: nothing is imported twice. IMPORT_FAILED,
 * IMPORT_STALLED.
 */
export async function importSegments(
  place: PartPlace,
  segments: readonly SegmentEntry[],
  attempt: RestoreTry,
  limits: ImportLimits,
): Promise<void> {
  const { session, target, plan, part, planned, context } = place;
  const { client } = session;
  const ref = stagingRef(planned);
  const writer = writerOf(target, context);
  const folder = `${folderOf(plan)}${part.number}/`;
  const [insertLogs, deltaLogs] = [`${folder}insert_log/${ANYWHERE}/`, `${folder}delta_log/${ANYWHERE}/`];
  const named = { insertLogs: asFolder(writer.nameOf(insertLogs)), deltaLogs: asFolder(writer.nameOf(deltaLogs)) };
  try {
    const known = attempt.redo ? (await client.imports(ref, context.signal)).filter(isUseful(named.insertLogs)) : [];
    if (known.length === 0) {
      const definition = await client.describe(ref, context.signal);
      await putFiles(place, writer, segments, { insertLogs, deltaLogs, definition });
      const withDeltas = segments.some(({ files }) => files.some(({ field }) => field === undefined));
      const files = {
        partition: part.partition,
        insertLogs: named.insertLogs,
        deltaLogs: withDeltas ? named.deltaLogs : '',
        upToMs: millisecondsOf(planned.index),
      };
      await client.startImport(ref, files, context.signal);
    }
    const done = await waitFor(place, named.insertLogs, limits);
    const expected = segments.reduce((sum, one) => sum + one.live, 0);
    if (done.rows !== expected) throw tooFew(place, expected, done.rows);
  } finally {
    await writer.removeAll(folder);
  }
}

const asFolder = (name: string): string => (name.endsWith('/') ? name : `${name}/`);

const isUseful =
  (insertLogs: string) =>
  (task: ImportTask): boolean =>
    task.insertLogs === insertLogs && task.state !== 'failed';

function millisecondsOf(index: CollectionIndex): number | null {
  const { upTo } = segmentsOf(index);
  return upTo === null ? null : Number(BigInt(upTo) >> LOGICAL_BITS);
}

interface FilePlaces {
  readonly insertLogs: string;
  readonly deltaLogs: string;
  readonly definition: CollectionDefinition;
}

async function putFiles(
  { repository, planned, context }: PartPlace,
  writer: ObjectWriter,
  segments: readonly SegmentEntry[],
  { insertLogs, deltaLogs, definition }: FilePlaces,
): Promise<void> {
  const ids = targetFields(planned.index, definition);
  const files = segments.flatMap((segment) =>
    segment.files.flatMap((file) => {
      if (file.field === undefined) return [{ file, key: `${deltaLogs}${segment.id}/${file.log}` }];
      const field = file.field <= TIMESTAMP_FIELD ? file.field : ids.get(file.field);
      // Of a field that has no name in the schema any more.
      if (field === undefined) return [];
      return [{ file, key: `${insertLogs}${segment.id}/${field}/${placeOf(segment, file.field, file.log)}` }];
    }),
  );
  await mapAtOnce(files, FILES_AT_ONCE, async ({ file, key }) => {
    context.signal.throwIfAborted();
    const bytes = await repository.readLog(file);
    await writer.put(key, bytes);
    context.onProgress({ rows: 0, bytes: bytes.length });
  });
}

/** The server puts files of different fields side by side by the order of their names, taken as text. */
function placeOf({ files }: SegmentEntry, field: number, log: string): string {
  const before = files.filter((one) => one.field === field && BigInt(one.log) < BigInt(log)).length;
  return String(before + 1).padStart(10, '0');
}

/** Number of a field in the files to its number in the target. A hidden `$meta` comes after all fields of the schema. */
function targetFields(index: CollectionIndex, definition: CollectionDefinition): ReadonlyMap<number, number> {
  const there = fieldIdsOf(definition);
  const next = Math.max(...there.values()) + 1;
  return new Map(segmentsOf(index).fields.map(({ name, id }) => [id, there.get(name) ?? next]));
}

/** Waits for the end of an import, as long as it goes forward. */
async function waitFor(place: PartPlace, insertLogs: string, limits: ImportLimits): Promise<ImportTask> {
  const { session, planned, context } = place;
  const { clock, signal } = context;
  const start = clock.monotonic();
  let [moved, last, told] = [start, '', 0];
  for (;;) {
    const tasks = (await session.client.imports(stagingRef(planned), signal)).filter(
      (one) => one.insertLogs === insertLogs,
    );
    const task = tasks.find((one) => one.state !== 'failed') ?? tasks[0];
    if (task?.state === 'done') {
      context.onProgress({ rows: Math.max(0, task.rows - told), bytes: 0 });
      return task;
    }
    if (task?.state === 'failed') throw failed(place, task.reason);
    const now = clock.monotonic();
    const step = `${task?.percent ?? 0} ${task?.rows ?? 0}`;
    if (step !== last) [last, moved] = [step, now];
    if (task !== undefined && task.rows > told) {
      context.onProgress({ rows: task.rows - told, bytes: 0 });
      told = task.rows;
    }
    if (now - moved > limits.stallMs || now - start > limits.limitMs) throw stalled(place, task, now - start);
    await clock.sleep(limits.pollMs, signal);
  }
}

const nameOf = ({ planned, part }: PartPlace): string =>
  `partition ${part.partition} of ${planned.targetDatabase}.${planned.targetCollection}`;

const failed = (place: PartPlace, reason: string): Error =>
  fail('IMPORT_FAILED', { what: `Milvus could not import ${nameOf(place)}: ${reason || 'it does not say why'}` });

const stalled = (place: PartPlace, task: ImportTask | undefined, ms: number): Error =>
  fail('IMPORT_STALLED', {
    what: `The import of ${nameOf(place)} does not go forward`,
    expected: 'an import that ends',
    got: `${task === undefined ? 'no task' : `${task.percent} % and ${task.rows} rows`} after ${Math.round(ms / 1000)} s`,
  });

const tooFew = (place: PartPlace, expected: number, got: number): Error =>
  fail('IMPORT_FAILED', {
    what: `Milvus imported another number of rows into ${nameOf(place)} than it was given`,
    expected: `${expected} rows`,
    got: `${got}`,
    next:
      'Check that `storage` of the target is what Milvus itself reads, under the same path; or leave it out, and rows ' +
      'are inserted',
  });
