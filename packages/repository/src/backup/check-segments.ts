import { EMPTY_SUM } from '../format/fingerprint.ts';
import { parseKey } from '../format/names.ts';
import type { CollectionIndex, SegmentEntry, SegmentSet } from '../port.ts';
import { TIMESTAMP_FIELD } from '../segments/logs.ts';

/** What is wrong with the segments of an index by themselves, beyond the names of their files. */
export function segmentsFault(index: CollectionIndex, { fields, list }: SegmentSet): string | null {
  if (index.chunks.length > 0) return 'it has both segments and chunks';
  if (index.contentSum !== EMPTY_SUM) return 'it has a content sum, which segments have not';
  const seen = new Set<string>();
  const needed = [TIMESTAMP_FIELD, ...fields.map(({ id }) => id)];
  for (const segment of list) {
    if (seen.has(segment.id)) return `it lists segment ${segment.id} twice`;
    seen.add(segment.id);
    const fault = segmentFault(segment, needed);
    if (fault !== null) return `segment ${segment.id}: ${fault}`;
  }
  const live = list.reduce((sum, segment) => sum + segment.live, 0);
  return live === index.rows ? null : `its segments hold ${live} rows and it says ${index.rows}`;
}

function segmentFault({ rows, live, files }: SegmentEntry, needed: readonly number[]): string | null {
  if (live > rows) return `${live} of ${rows} rows are there`;
  const names = new Set(files.map(({ field, log }) => `${field ?? 'delta'}/${log}`));
  if (names.size !== files.length) return 'it lists a file of Milvus twice';
  const other = files.find(({ key }) => parseKey(key)?.kind !== 'log');
  if (other !== undefined) return `${other.key} is no file of Milvus`;
  for (const field of needed) {
    const held = files.filter((one) => one.field === field).reduce((sum, one) => sum + one.rows, 0);
    if (held !== rows) return `its files of field ${field} hold ${held} rows instead of ${rows}`;
  }
  return null;
}
