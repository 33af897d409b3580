import type { TSchema } from 'typebox';
import { CHECKS, type CheckName } from './checks.ts';
import { itemPath, keyPath, show, showKind, showSecret, type Fault } from './faults.ts';
import { nearest } from './nearest.ts';
import type { SecretReader } from './secrets.ts';

/**
 * The part of JSON Schema that our schemas use, plus two words of our own: `check`, the name of a check of the text, and
 * `secret`, which resolves `env:` and `file:` and hides the value. A validator's own errors name neither near keys nor
 * the branch that was meant, so faults are found here; a test holds both to the same verdict.
 */
interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly check?: CheckName;
  readonly secret?: boolean;
}

export interface WalkContext {
  readonly faults: Fault[];
  readonly secrets: SecretReader;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Adds a fault to the context for each place where `value` does not fit `schema`. */
export function walk(schema: TSchema, value: unknown, path: string, context: WalkContext): void {
  // TypeBox's schemas are JSON Schema at run time; their type says nothing of it.
  visit(schema as Shape, value, path, context);
}

function visit(shape: Shape, value: unknown, path: string, context: WalkContext): void {
  if (shape.anyOf !== undefined) return visitUnion(shape, shape.anyOf, value, path, context);
  if (shape.type === 'object') return visitObject(shape, value, path, context);
  if (shape.type === 'array') return visitArray(shape, value, path, context);
  if (shape.type === 'string') return visitText(shape, value, path, context);
  if (!fitsScalar(shape, value)) {
    context.faults.push({ path, expected: describe(shape), got: shape.secret ? showSecret(value) : show(value) });
  }
}

function fitsScalar(shape: Shape, value: unknown): boolean {
  if ('const' in shape) return value === shape.const;
  if (shape.type === 'boolean') return typeof value === 'boolean';
  if (shape.type === 'null') return value === null;
  const number = typeof value === 'number' && Number.isFinite(value) ? value : null;
  if (number === null || (shape.type === 'integer' && !Number.isInteger(number))) return false;
  return number >= (shape.minimum ?? -Infinity) && number <= (shape.maximum ?? Infinity);
}

function describe(shape: Shape): string {
  if ('const' in shape) return show(shape.const);
  if (shape.type === 'boolean') return 'true or false';
  if (shape.type === 'integer') return `a whole number${rangeOf(shape)}`;
  const kind = { object: 'an object', array: 'a list', string: 'a text', number: 'a number', null: 'null' };
  const noun = kind[shape.type as keyof typeof kind];
  return shape.description === undefined || shape.type !== 'string' ? noun : `${noun}: ${shape.description}`;
}

function rangeOf({ minimum, maximum }: Shape): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return '';
}

function visitObject(shape: Shape, value: unknown, path: string, context: WalkContext): void {
  if (!isRecord(value)) {
    context.faults.push({ path: path || '(file)', expected: describe(shape), got: showKind(value) });
    return;
  }
  const properties = shape.properties ?? {};
  const known = Object.keys(properties);
  for (const [key, item] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (inner !== undefined) visit(inner, item, keyPath(path, key), context);
    else context.faults.push({ path: keyPath(path, key), ...unknownKey(key, known) });
  }
  for (const key of shape.required ?? []) {
    if (Object.hasOwn(value, key)) continue;
    const inner = properties[key];
    context.faults.push({
      path: keyPath(path, key),
      expected: inner === undefined ? 'a value' : describe(inner),
      got: 'nothing',
    });
  }
}

export function unknownKey(key: string, known: readonly string[]): Omit<Fault, 'path'> {
  const near = nearest(key, known);
  const expected = near === null ? `one of the keys ${known.join(', ')}` : `a known key: did you mean \`${near}\`?`;
  return { expected, got: `the unknown key ${show(key)}` };
}

function visitArray(shape: Shape, value: unknown, path: string, context: WalkContext): void {
  if (!Array.isArray(value)) {
    context.faults.push({ path, expected: describe(shape), got: showKind(value) });
    return;
  }
  if (value.length < (shape.minItems ?? 0)) {
    context.faults.push({ path, expected: `at least ${shape.minItems} of: ${shape.description}`, got: '[]' });
  }
  const items = shape.items;
  if (items === undefined) return;
  value.forEach((item: unknown, index) => {
    visit(items, item, itemPath(path, index), context);
  });
}

function visitText(shape: Shape, value: unknown, path: string, context: WalkContext): void {
  const shown = shape.secret === true ? showSecret : show;
  const complain = (expected: string, got = shown(value)): void => void context.faults.push({ path, expected, got });
  if (typeof value !== 'string') return complain(describe(shape));
  let text = value;
  if (shape.secret === true) {
    const resolved = context.secrets(value);
    if (!('value' in resolved)) return complain(resolved.expected, resolved.got);
    text = resolved.value;
    if (text === '') return complain(describe(shape));
  }
  if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(text)) return complain(describe(shape));
  const complaint = shape.check === undefined ? null : CHECKS[shape.check](text);
  if (complaint !== null) complain(complaint.expected, complaint.got);
}

/** Objects are told apart by their `kind`, scalars by their list of values, other things by their type. */
function visitUnion(
  union: Shape,
  branches: readonly Shape[],
  value: unknown,
  path: string,
  context: WalkContext,
): void {
  const kinds = branches.flatMap((branch) => (branch.properties?.['kind'] === undefined ? [] : [branch]));
  if (kinds.length === branches.length) return visitKinds(kinds, value, path, context);
  const typed = branches.find((branch) => branch.type === typeName(value) && !('const' in branch));
  if (typed !== undefined) return visit(typed, value, path, context);
  if (branches.some((branch) => fitsScalar(branch, value))) return;
  const expected = branches.map(describe).join(' or ');
  context.faults.push({ path, expected, got: union.secret === true ? showSecret(value) : show(value) });
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}

function visitKinds(branches: readonly Shape[], value: unknown, path: string, context: WalkContext): void {
  if (!isRecord(value)) return void context.faults.push({ path, expected: 'an object', got: showKind(value) });
  const branch = branches.find((one) => one.properties?.['kind']?.const === value['kind']);
  if (branch !== undefined) return visit(branch, value, path, context);
  const expected = branches.map((one) => show(one.properties?.['kind']?.const)).join(' or ');
  context.faults.push({ path: keyPath(path, 'kind'), expected, got: show(value['kind']) });
}
