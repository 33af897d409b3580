import { Ajv, type ErrorObject } from 'ajv';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import { fail, nearest, type MilvaultError } from '@milvault/shared';

/** One fault of a request, by its path. */
export interface Fault {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

const OPTIONS = { allErrors: true, verbose: true, useDefaults: true, removeAdditional: false, strict: false } as const;

const NOTHING = { type: 'object', properties: {}, additionalProperties: false };

/**
 * Bodies are taken as they are; query and path are text, so numbers and truths in them are read. An unknown field is
 * never dropped: a misspelt option would otherwise be ignored and the run would do something else.
 */
export function useValidation(app: FastifyInstance): void {
  const body = new Ajv({ ...OPTIONS, coerceTypes: false });
  const text = new Ajv({ ...OPTIONS, coerceTypes: true });
  const compile: FastifySchemaCompiler<Record<string, unknown>> = ({ schema, httpPart }) =>
    (httpPart === 'body' ? body : text).compile(schema);
  app.setValidatorCompiler(compile);
  // A route that takes no query or no body says so: what is sent to it all the same is a mistake worth telling.
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/api/')) return;
    const takesBody = route.method === 'POST';
    route.schema = { querystring: NOTHING, ...(takesBody ? { body: NOTHING } : {}), ...route.schema };
  });
  // No body is an empty one: what is missing is then named field by field, and routes that need nothing accept it.
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.schema?.body !== undefined) request.body ??= {};
  });
}

/** REQUEST_INVALID with every fault; the first one is the headline. */
export function requestInvalid(errors: readonly unknown[], part: string): MilvaultError {
  // Fastify hands through what Ajv gave it (`verbose` adds schema and data), typed as less.
  const faults = faultsOf(errors as readonly ErrorObject[], part);
  const first = faults[0] ?? { path: part, expected: 'what /docs says', got: 'something else' };
  return fail('REQUEST_INVALID', {
    what: `${first.path} does not fit`,
    expected: first.expected,
    got: first.got,
    details: { faults },
  });
}

export function faultsOf(errors: readonly ErrorObject[], part: string): Fault[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf').map((error) => `${error.schemaPath}/`);
  const seen = new Set<string>();
  return errors
    .filter((error) => !unions.some((union) => error.schemaPath.startsWith(union)))
    .map((error) => faultOf(error, part))
    .filter((fault) => !seen.has(fault.path) && seen.add(fault.path));
}

function faultOf(error: ErrorObject, part: string): Fault {
  const at = `${part}${error.instancePath}`;
  const params: Record<string, unknown> = error.params;
  if (error.keyword === 'additionalProperties') {
    const got = String(params['additionalProperty']);
    return { path: `${at}/${got}`, expected: expectedField(got, error.parentSchema), got: `the unknown field ${got}` };
  }
  if (error.keyword === 'required') {
    const missing = String(params['missingProperty']);
    const known = describe(propertiesOf(error.parentSchema)[missing]);
    return { path: `${at}/${missing}`, expected: known, got: 'nothing' };
  }
  return { path: at, expected: describe(error.parentSchema) || String(error.message), got: show(error.data) };
}

function expectedField(got: string, schema: unknown): string {
  const names = Object.keys(propertiesOf(schema));
  const near = nearest(got, names);
  if (near !== null) return `did you mean ${near}?`;
  return names.length === 0 ? 'no field at all' : `one of ${names.join(', ')}`;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const propertiesOf = (schema: unknown): Record<string, unknown> =>
  isRecord(schema) && isRecord(schema['properties']) ? schema['properties'] : {};

/** A schema in a few words: `an integer from 0 to 3, or null`. */
export function describe(schema: unknown): string {
  if (!isRecord(schema)) return 'a value';
  if (Array.isArray(schema['anyOf'])) return schema['anyOf'].map(describe).join(' or ');
  if ('const' in schema) return String(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].join(' or ');
  switch (schema['type']) {
    case 'integer':
    case 'number':
      return `${schema['type'] === 'integer' ? 'an integer' : 'a number'}${span(schema, 'minimum', 'maximum', '')}`;
    case 'string':
      return `text${span(schema, 'minLength', 'maxLength', ' characters')}${'pattern' in schema ? ` like ${String(schema['pattern'])}` : ''}`;
    case 'array':
      return `a list${span(schema, 'minItems', 'maxItems', ' items')}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    default:
      return 'an object';
  }
}

function span(schema: Record<string, unknown>, low: string, high: string, unit: string): string {
  const [from, to] = [schema[low], schema[high]];
  if (from !== undefined && to !== undefined) return ` of ${String(from)} to ${String(to)}${unit}`;
  if (from !== undefined) return ` of at least ${String(from)}${unit}`;
  return to === undefined ? '' : ` of at most ${String(to)}${unit}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
