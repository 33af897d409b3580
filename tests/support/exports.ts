import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openExport } from '@milvault/jobs';
import { writeExport, type Repository } from '@milvault/repository';
import { systemClock, type Column, type DataTypeName, type ExportRecord, type RowBatch } from '@milvault/shared';
import { servers } from './servers.ts';

const SCRIPT = fileURLToPath(new URL('oracle/exported.py', import.meta.url));

/** A value as the oracle shows it: floats, text and bytes in hex, integers as decimal text. */
export type Shown = string | boolean | null | readonly Shown[] | { readonly json: unknown };

export type Exported = Readonly<
  Record<string, { columns: [name: string, type: string][]; rows: Record<string, Shown[][]> }>
>;

/** What pyarrow and DuckDB, which must agree, read from a finished export. */
export async function readExport(folder: string, json: 'text' | 'parsed' = 'text'): Promise<Exported> {
  const args = [SCRIPT, folder, ...(json === 'parsed' ? ['--json'] : [])];
  const { stdout } = await promisify(execFile)(servers().python, args, { maxBuffer: 256 * 1024 * 1024 });
  return JSON.parse(stdout) as Exported;
}

export async function exportAll(
  repository: Repository,
  id: string,
  folder: string,
  signal = new AbortController().signal,
): Promise<ExportRecord> {
  const source = await openExport(repository, await repository.find(id));
  return writeExport(source, source.plan, folder, { clock: systemClock, signal, onProgress: () => undefined });
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const float = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return hex(bytes);
};

/** A half float, by the definition of its three parts; NaNs keep their bits. */
export function half(bits: number): string {
  const [sign, exponent, fraction] = [bits >>> 15, (bits >>> 10) & 31, bits & 1023];
  if (exponent === 31) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(((sign << 31) | (255 << 23) | (fraction << 13)) >>> 0);
    return hex(bytes);
  }
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return float(sign === 1 ? -size : size);
}

export function dense(type: DataTypeName, bytes: Uint8Array): Shown {
  const buffer = Buffer.from(bytes);
  const each = (width: number, show: (at: number) => string): string[] =>
    Array.from({ length: bytes.length / width }, (_, i) => show(i * width));
  if (type === 'FloatVector') return each(4, (at) => hex(bytes.subarray(at, at + 4)));
  if (type === 'Float16Vector') return each(2, (at) => half(buffer.readUInt16LE(at)));
  if (type === 'BFloat16Vector') return each(2, (at) => `0000${hex(bytes.subarray(at, at + 2))}`);
  if (type === 'Int8Vector') return each(1, (at) => String(buffer.readInt8(at)));
  return hex(bytes);
}

const sparse = (bytes: Uint8Array): Shown =>
  Array.from({ length: bytes.length / 8 }, (_, i) => [
    String(Buffer.from(bytes).readUInt32LE(i * 8)),
    hex(bytes.subarray(i * 8 + 4, i * 8 + 8)),
  ]);

/** A value of a batch as the oracle should show it; arrays are told by who made them. */
export function shownValue({ data, valid, field }: Column, row: number): Shown {
  if (valid !== null && valid[row] === 0) return null;
  switch (data.kind) {
    case 'int32':
      return field.type === 'Bool' ? data.values[row] === 1 : String(data.values[row]);
    case 'int64':
      return String(data.values[row]);
    case 'fixed':
      return dense(field.type, data.bytes.subarray(row * data.width, (row + 1) * data.width));
    case 'bytes':
      return field.type === 'SparseFloatVector' ? sparse(data.values[row]!) : hex(data.values[row]!);
    case 'float32':
    case 'float64': {
      const memory = new Uint8Array(data.values.buffer, data.values.byteOffset, data.values.byteLength);
      const width = data.values.BYTES_PER_ELEMENT;
      return hex(memory.subarray(row * width, (row + 1) * width));
    }
  }
}

export const shownRows = (batch: RowBatch): Shown[][] =>
  Array.from({ length: batch.rows }, (_, row) => batch.columns.map((column) => shownValue(column, row)));
