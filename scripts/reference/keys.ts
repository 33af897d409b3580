import type { TSchema } from 'typebox';
import { ConfigFile, SETTINGS } from '@milvault/shared';

/** One key of the configuration file, as the documentation lists it. */
export interface KeyRow {
  /** `plans[].full`; of a channel with its kind: `channels[kind=slack].webhook`. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  /** JSON, or empty where there is none. */
  readonly preset: string;
  readonly description: string;
  /** The environment variables that win over it; of several the last one wins. */
  readonly variables: readonly string[];
}

/** The words of JSON Schema that the configuration's schema is made of, as they are at run time. */
interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Every key of the schema, in its order. */
export function keyRows(): KeyRow[] {
  const schema: TSchema = ConfigFile;
  // TypeBox's schemas are JSON Schema at run time; their type says nothing of it.
  return rowsOf(schema as Shape, '');
}

function rowsOf(object: Shape, prefix: string): KeyRow[] {
  return Object.entries(object.properties ?? {}).flatMap(([key, shape]) => {
    const path = `${prefix}${key}`;
    const row: KeyRow = {
      path,
      type: typeOf(shape),
      required: object.required?.includes(key) ?? false,
      preset: shape.default === undefined ? '' : JSON.stringify(shape.default),
      description: shape.description ?? '',
      variables: SETTINGS.filter((setting) => keyOf(setting.sets) === path).map((setting) => setting.name),
    };
    return [row, ...inner(shape, path)];
  });
}

function inner(shape: Shape, path: string): KeyRow[] {
  if (shape.type === 'object') return rowsOf(shape, `${path}.`);
  const items = shape.items;
  if (items?.anyOf !== undefined) {
    return items.anyOf.flatMap((one) => rowsOf(one, `${path}[kind=${String(one.properties?.['kind']?.const)}].`));
  }
  return items?.type === 'object' ? rowsOf(items, `${path}[].`) : [];
}

/** Variables name the one source and the one repository. */
const keyOf = (sets: string): string =>
  sets.replace(/^source\./, 'sources[].').replace(/^repository\./, 'repositories[].');

function typeOf(shape: Shape): string {
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.anyOf !== undefined) return shape.anyOf.map(typeOf).join(' or ');
  if (shape.type === 'array') return `list of ${shape.items?.type === 'string' ? 'texts' : 'objects'}`;
  if (shape.type === 'string') return 'text';
  if (shape.type !== 'integer') return shape.type ?? 'anything';
  const { minimum, maximum } = shape;
  return `whole number${minimum === undefined ? '' : maximum === undefined ? ` >= ${minimum}` : ` ${minimum} to ${maximum}`}`;
}
