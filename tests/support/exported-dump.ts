import type { ExportColumn } from '@milvault/shared';
import { dense, float, type Shown } from './exports.ts';

/** What pymilvus read from the source, in the form in which the oracle shows the values of an export. */

/** As `plain` of shapes.py makes it. */
type Plain =
  | null
  | boolean
  | string
  | readonly Plain[]
  | { readonly int: string }
  | { readonly float: string }
  | { readonly bytes: string }
  | { readonly map: readonly (readonly [string, Plain])[] };

const text = (value: string): string => Buffer.from(value).toString('hex');

const asDouble = (hex: string): number => Buffer.from(hex, 'hex').readDoubleBE();

function member<K extends string>(value: Plain, key: K): unknown {
  if (typeof value === 'object' && value !== null && key in value)
    return (value as Readonly<Record<string, unknown>>)[key];
  throw new Error(`no ${key} in ${JSON.stringify(value)}`);
}

function scalar(type: string, value: Plain): Shown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return text(value);
  if (type === 'Float') return float(asDouble(String(member(value, 'float'))));
  if (type === 'Double')
    return Buffer.from(String(member(value, 'float')), 'hex')
      .reverse()
      .toString('hex');
  return String(member(value, 'int'));
}

/** A list of one element with the bytes, or the bytes, or the numbers themselves. */
function vector(type: ExportColumn['type'], value: Plain): Shown {
  if (Array.isArray(value) && type === 'FloatVector') return value.map((one: Plain) => scalar('Float', one));
  const bytes: Plain = Array.isArray(value) ? ((value[0] ?? null) as Plain) : value;
  return dense(type, Buffer.from(String(member(bytes, 'bytes')), 'hex'));
}

export function shownPlain({ type, elementType }: ExportColumn, value: Plain): Shown {
  if (value === null) return null;
  if (type === 'JSON') return { json: value };
  if (type === 'Array') return (value as readonly Plain[]).map((one) => scalar(elementType ?? '', one));
  if (type === 'SparseFloatVector') {
    const pairs = member(value, 'map') as readonly (readonly [string, Plain])[];
    const sorted = [...pairs].sort((a, b) => Number(a[0]) - Number(b[0]));
    return sorted.map(([index, one]) => [index, scalar('Float', one)]);
  }
  return type.endsWith('Vector') ? vector(type, value) : scalar(type, value);
}

/** A row as pymilvus gave it, in the order of the columns. Fields that are no columns are the dynamic ones. */
export function shownRow(columns: readonly ExportColumn[], row: unknown): Shown[] {
  const values = new Map(member(row as Plain, 'map') as readonly (readonly [string, Plain])[]);
  const names = new Set(columns.map(({ name }) => name));
  const dynamic = { map: [...values].filter(([name]) => !names.has(name)) };
  return columns.map((column) =>
    shownPlain(column, values.get(column.name) ?? (column.name === '$meta' ? dynamic : null)),
  );
}
