import type { PrimaryKey } from '@milvault/shared';
import type { KeyRange } from '../port.ts';

/**
 * Conditions on the primary key in Milvus's expression language. Written so that every key can be said:
 * - the smallest int64 has no literal (its digits overflow before the minus is applied), so it is said through its
 *   neighbour;
 * - Milvus unquotes text twice over (its grammar, then Go's rules), and newer ones first replace every `\uXXXX`, also
 *   one behind an escaped backslash; an octal escape survives all of them;
 * - Milvus Lite knows only the escapes of quote, backslash, n, r and t, and takes every other character as it is.
 */
export type Dialect = 'milvus' | 'lite';

const INT64_MIN = -(2n ** 63n);

export interface KeyField {
  readonly name: string;
  readonly type: 'Int64' | 'VarChar';
}

/** What a server cannot be asked for by one condition never arises: see {@link literalOf}. */
export function rangeExpression(field: KeyField, range: KeyRange, dialect: Dialect): string {
  const conditions = [
    ...(range.after === null ? [] : [above(field.name, range.after, dialect)]),
    ...(range.upTo === null ? [] : [notAbove(field.name, range.upTo, dialect)]),
  ];
  return conditions.length === 0 ? everyKey(field) : conditions.join(' and ');
}

/** True for every key: a query without limit may not have an empty condition, and Lite's count(*) needs one. */
const everyKey = (field: KeyField): string =>
  field.type === 'Int64' ? `${field.name} <= 9223372036854775807` : `${field.name} >= ""`;

/** The rows that have one of these keys. */
export function membershipExpression(field: KeyField, keys: readonly PrimaryKey[], dialect: Dialect): string {
  const sayable = keys.filter((key) => key !== INT64_MIN);
  const listed = `${field.name} in [${sayable.map((key) => literalOf(key, dialect)).join(', ')}]`;
  if (sayable.length === keys.length) return listed;
  const smallest = notAbove(field.name, INT64_MIN, dialect);
  return sayable.length === 0 ? smallest : `${listed} or ${smallest}`;
}

const above = (name: string, key: PrimaryKey, dialect: Dialect): string =>
  key === INT64_MIN ? `${name} >= ${INT64_MIN + 1n}` : `${name} > ${literalOf(key, dialect)}`;

const notAbove = (name: string, key: PrimaryKey, dialect: Dialect): string =>
  key === INT64_MIN ? `${name} < ${INT64_MIN + 1n}` : `${name} <= ${literalOf(key, dialect)}`;

const literalOf = (key: PrimaryKey, dialect: Dialect): string =>
  typeof key === 'bigint' ? key.toString() : `"${dialect === 'lite' ? escapeForLite(key) : escapeForMilvus(key)}"`;

const LITE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

const escapeForLite = (text: string): string => text.replace(/["\\\n\r\t]/g, (char) => LITE_ESCAPES[char] ?? char);

const octal = (char: string): string => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`;

const escapeForMilvus = (text: string): string => text.replace(/["'\\\u0000-\u001f\u007f]/g, octal);
