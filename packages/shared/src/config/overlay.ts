import type { TSchema } from 'typebox';
import { SETTINGS, type Environment, type Setting } from './env.ts';
import { nearest } from './nearest.ts';
import { ConfigFile, RepositorySection, SourceSection } from './schema.ts';
import { isRecord, walk, type WalkContext } from './walk.ts';

type Loose = Record<string, unknown>;

/** What a source or repository is called that exists only by a variable. */
export const DEFAULT_SOURCE = 'milvus';
export const DEFAULT_REPOSITORY = 'backups';

/**
 * The file with the environment laid over it. Faults of variables are told under the variable's name, and such a value
 * is left out. `file` may still be wrong in any way: what is no object is left as it is.
 */
export function overlay(file: Loose, env: Environment, context: WalkContext): Loose {
  const result = structuredClone(file);
  for (const setting of SETTINGS) {
    const text = env[setting.name];
    if (text === undefined || text === '' || setting.sets === 'config') continue;
    const schema = schemaOf(setting);
    const value = fromText(text, schema);
    const before = context.faults.length;
    walk(schema, value, setting.name, context);
    if (context.faults.length === before) put(result, setting, value, context);
  }
  return result;
}

function schemaOf({ sets }: Setting): TSchema {
  const named = {
    'source.address': SourceSection.properties.address,
    'source.token': SourceSection.properties.token,
    'repository.place': RepositorySection.properties.place,
  };
  if (sets in named) return named[sets as keyof typeof named];
  let schema: { properties?: Record<string, TSchema> } = ConfigFile;
  // SettingPath admits only paths that the schema has, so each step finds one.
  for (const key of sets.split('.')) schema = schema.properties?.[key] ?? {};
  return schema as TSchema;
}

/** Variables are text: numbers and switches are read from it, anything else stays and is told as a fault. */
function fromText(text: string, schema: TSchema): unknown {
  const type = 'type' in schema ? schema.type : undefined;
  if (type === 'integer') return /^\d{1,9}$/.test(text) ? Number(text) : text;
  if (type !== 'boolean') return text;
  if (/^(true|1|yes|on)$/i.test(text)) return true;
  return /^(false|0|no|off)$/i.test(text) ? false : text;
}

function put(file: Loose, setting: Setting, value: unknown, context: WalkContext): void {
  const [section = '', key] = setting.sets.split('.');
  if (key === undefined) file[section] = value;
  else if (section === 'source') putOnly(file, 'sources', { key, value, setting, name: DEFAULT_SOURCE }, context);
  else if (section === 'repository') {
    putOnly(file, 'repositories', { key, value, setting, name: DEFAULT_REPOSITORY }, context);
  } else {
    file[section] ??= {};
    const inner = file[section];
    if (!isRecord(inner)) return;
    // Keys of one account: those of the file are not mixed with those of the environment.
    if (setting.sets === 's3.accessKey') {
      delete inner['secretKey'];
      delete inner['sessionToken'];
    }
    inner[key] = value;
  }
}

interface Named {
  readonly key: string;
  readonly value: unknown;
  readonly setting: Setting;
  /** Of the entry that the variable means among several, or makes where there is none. */
  readonly name: string;
}

function putOnly(file: Loose, list: string, { key, value, setting, name }: Named, context: WalkContext): void {
  file[list] ??= [];
  const entries = file[list];
  if (!Array.isArray(entries)) return;
  const records = entries.filter(isRecord);
  const named = records.find((entry) => entry['name'] === name);
  if (entries.length === 0) {
    // A token alone makes no source; `unusedNotices` tells.
    if (key !== 'token') entries.push({ name, [key]: value });
  } else if (entries.length > 1 && named === undefined) {
    const expected = `at most one entry in ${list}, or one that is called ${name}`;
    context.faults.push({
      path: setting.name,
      expected,
      got: `${entries.length} entries: which one is meant is unclear`,
    });
  } else {
    const entry = named ?? records[0];
    if (entry === undefined) return;
    entry[key] = value;
    if (key === 'token') {
      delete entry['user'];
      delete entry['password'];
    }
  }
}

/** Variables that look like ours and do nothing. `MILVAULT_TEST_…` belongs to the tests. */
export function unusedNotices(env: Environment, file: Loose): string[] {
  const known = SETTINGS.map((setting) => setting.name);
  const notices = Object.keys(env)
    .filter((name) => name.startsWith('MILVAULT_') && !name.startsWith('MILVAULT_TEST_') && !known.includes(name))
    .sort()
    .map((name) => {
      const near = nearest(name, known);
      return `The environment variable ${name} means nothing to milvault${near === null ? '' : `: did you mean ${near}?`}`;
    });
  const sources = file['sources'];
  if ((env['MILVUS_TOKEN'] ?? '') !== '' && (!Array.isArray(sources) || sources.length === 0)) {
    notices.push('MILVUS_TOKEN is set but no source is configured, so it is not used: set MILVUS_ADDRESS too');
  }
  return notices;
}
