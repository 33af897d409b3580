import { fail, type ColumnData, type FieldShape } from '@milvault/shared';
import { readBinlog, type Binlog } from '../format/binlog/events.ts';
import { readPayloads, rowsOfPayloads, type PayloadShape } from '../format/binlog/payload.ts';
import { damaged } from '../format/json.ts';
import type { CollectionIndex, SegmentEntry, SegmentFile, SegmentSet } from '../port.ts';

/** Milvus's numbers of the columns that it adds to every collection. */
export const ROW_ID_FIELD = 0;
export const TIMESTAMP_FIELD = 1;

/** How the bytes of a log file are come by: checked against their hash. */
export type ReadLog = (file: SegmentFile) => Promise<Uint8Array>;

/** The segments of an index. INTERNAL where it has chunks instead. */
export function segmentsOf({ segments, definition }: Pick<CollectionIndex, 'segments' | 'definition'>): SegmentSet {
  if (segments !== undefined) return segments;
  throw fail('INTERNAL', { what: `The index of ${definition.collection} holds no segments` });
}

/** What a log file says of itself; OBJECT_DAMAGED where it is none. */
export interface LogFacts {
  readonly log: Binlog;
  readonly rows: number;
}

export function inspectLog(bytes: Uint8Array, key: string): LogFacts {
  return orDamaged(key, () => {
    const log = readBinlog(bytes);
    return { log, rows: rowsOfPayloads(log.payloads) };
  });
}

/** The values of a log file, of as many rows as are noted for it. */
export async function readValues(read: ReadLog, file: SegmentFile, shape: PayloadShape): Promise<ColumnData> {
  const bytes = await read(file);
  return orDamaged(file.key, () => {
    const { payloads, fieldId } = readBinlog(bytes);
    if (fieldId !== file.field) throw new Error(`it is of field ${fieldId} instead of ${file.field ?? 'none'}`);
    const rows = rowsOfPayloads(payloads);
    if (rows !== file.rows) throw new Error(`it holds ${rows} rows instead of ${file.rows}`);
    return readPayloads(payloads, shape);
  });
}

export function orDamaged<T>(key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw damaged(key, error instanceof Error ? error.message : String(error), error);
  }
}

export const deltaFiles = ({ files }: SegmentEntry): SegmentFile[] => files.filter(({ field }) => field === undefined);

const byLog = (a: SegmentFile, b: SegmentFile): number => (BigInt(a.log) < BigInt(b.log) ? -1 : 1);

/** The insert logs of one field, in the order of their rows. */
export const filesOfField = ({ files }: SegmentEntry, field: number): SegmentFile[] =>
  files.filter((one) => one.field === field).sort(byLog);

/** A field of the collection and its number in the files. OBJECT_DAMAGED where the segments have none. */
export interface LoggedField {
  readonly shape: FieldShape;
  readonly id: number;
}

/** All fields that have files, in the order of the schema. */
export function loggedFields(index: Pick<CollectionIndex, 'definition' | 'segments'>): LoggedField[] {
  const { fields } = segmentsOf(index);
  return index.definition.fields
    .filter((field) => !field.functionOutput)
    .map(({ name, type, elementType, dim, nullable }) => ({
      id: idOf(fields, name),
      shape: {
        name,
        type,
        nullable,
        ...(elementType === undefined ? {} : { elementType }),
        ...(dim === undefined ? {} : { dim }),
      },
    }));
}

function idOf(fields: SegmentSet['fields'], name: string): number {
  const found = fields.find((one) => one.name === name);
  if (found !== undefined) return found.id;
  throw fail('OBJECT_DAMAGED', { what: `No file of a segment is of the field ${JSON.stringify(name)}` });
}
