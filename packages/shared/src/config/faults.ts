import { fail, type MilvaultError } from '../errors/error.ts';

/** One thing that is wrong with the configuration. `path` is `plans[0].full`, or the name of an environment variable. */
export interface Fault {
  readonly path: string;
  readonly expected: string;
  /** What stands there; never the value of a secret. */
  readonly got: string;
}

/** What a check of one value says: null is well. Without `got` the value itself is shown. */
export type Complaint = { readonly expected: string; readonly got?: string } | null;

const LONGEST_SHOWN = 80;
const PLAIN_KEY = /^[A-Za-z0-9_$-]+$/;

export const keyPath = (parent: string, key: string): string => {
  if (!PLAIN_KEY.test(key)) return `${parent}[${JSON.stringify(key)}]`;
  return parent === '' ? key : `${parent}.${key}`;
};

export const itemPath = (parent: string, index: number): string => `${parent}[${index}]`;

/** A value as a fault shows it: JSON, cut where it is long. JSON also makes control characters visible. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

/** Something where an object or a list belongs: it may hold anything, a secret too, so only its kind is told. */
export function showKind(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const kinds = { string: 'a text', number: 'a number', boolean: 'true or false', object: 'an object' };
  return kinds[typeof value as keyof typeof kinds];
}

/** A secret in the wrong shape: only its kind is told. */
export function showSecret(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === '') return 'an empty text';
  return `${showKind(value)} that is not shown here`;
}

/** All faults as one error: CONFIG_INVALID, with the list in the message for people and in `details` for programs. */
export function configInvalid(where: string, faults: readonly Fault[]): MilvaultError {
  const lines = faults.map((fault) => `  ${fault.path}: expected ${fault.expected}, got ${fault.got}`);
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  return fail('CONFIG_INVALID', {
    what: `The configuration (${where}) has ${count}\n${lines.join('\n')}`,
    details: { faults },
  });
}
