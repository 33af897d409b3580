import { readLog } from '../backup/read.ts';
import type { RepositoryContext } from '../context.ts';
import { damaged } from '../format/json.ts';
import type { IndexRecord } from '../format/records.ts';
import type { SegmentEntry, SegmentFile } from '../port.ts';
import { segmentRows } from '../segments/reader.ts';
import { filesOfField, ROW_ID_FIELD } from '../segments/logs.ts';
import { readPayloads } from '../format/binlog/payload.ts';
import { inspectLog } from '../segments/logs.ts';
import type { VerifyOptions } from '../port.ts';
import type { Findings } from './findings.ts';
import { segmentConcern, type CheckedIndex } from './structure.ts';

interface Read {
  rows: number;
  bytes: number;
}

/**
 * Levels 2 and 3 of the segments of an index. Level 2: each file has its hash. Level 3: every value is decoded, every
 * field has as many rows as Milvus counted, and without what was deleted as many are left as the index says.
 */
export async function checkSegments(
  context: RepositoryContext,
  { index, concern }: CheckedIndex,
  bad: ReadonlySet<string>,
  options: VerifyOptions & { readonly level: 2 | 3 },
  findings: Findings,
): Promise<Read> {
  const totals: Read = { rows: 0, bytes: 0 };
  for (const segment of index.segments?.list ?? []) {
    const about = segmentConcern(concern, segment);
    let sound = true;
    for (const file of segment.files) {
      options.signal?.throwIfAborted();
      const read = bad.has(file.key)
        ? null
        : await findings.attempt(file.key, about, async () => (await readLog(context, file)).length);
      sound &&= read !== null;
      totals.bytes += read ?? 0;
      if (read !== null) options.onProgress?.({ chunks: 1, bytes: read });
    }
    if (!sound) continue;
    const rows =
      options.level === 2
        ? segment.live
        : await findings.attempt(`segment ${segment.id}`, about, () => countRows(context, index, segment, options));
    totals.rows += rows ?? 0;
  }
  return totals;
}

async function countRows(
  context: RepositoryContext,
  index: IndexRecord,
  segment: SegmentEntry,
  { signal }: VerifyOptions,
): Promise<number> {
  const read = (file: SegmentFile): Promise<Uint8Array> => readLog(context, file);
  let rows = 0;
  for await (const batch of segmentRows(read, index, segment, signal ?? new AbortController().signal)) {
    rows += batch.rows;
  }
  for (const file of filesOfField(segment, ROW_ID_FIELD)) {
    const { log } = inspectLog(await read(file), file.key);
    readPayloads(log.payloads, { type: 'Int64' });
  }
  if (rows === segment.live) return rows;
  throw damaged(`segment ${segment.id}`, `${rows} rows are left without the deleted ones instead of ${segment.live}`);
}
