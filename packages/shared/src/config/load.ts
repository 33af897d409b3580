import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fail } from '../errors/error.ts';
import { buildConfig } from './build.ts';
import type { Config } from './config.ts';
import { machineTimeZone, processEnvironment, type Environment } from './env.ts';
import { configInvalid, type Fault } from './faults.ts';
import { checkOriginal, originalNotices, ORIGINAL_KEYS, translateOriginal, type OriginalFile } from './original.ts';
import { overlay, unusedNotices } from './overlay.ts';
import { relationFaults } from './relations.ts';
import { ConfigFile } from './schema.ts';
import { secretReader } from './secrets.ts';
import { parseText } from './text.ts';
import { isRecord, walk, type WalkContext } from './walk.ts';

export interface LoadOptions {
  /** Path of the file; wins over MILVAULT_CONFIG. Without either, one of {@link FILE_NAMES} in `folder`. */
  readonly file?: string;
  /** Default: the environment of this process. */
  readonly env?: Environment;
  /** Where the file is looked for, and what relative paths start from where there is no file. Default: the working directory. */
  readonly folder?: string;
}

export interface ParseOptions extends LoadOptions {
  /** Zone of the times in an original file. Default: the machine's. */
  readonly timeZone?: string;
}

export const FILE_NAMES = ['milvault.json', 'milvault.yaml', 'milvault.yml'] as const;

/**
 * Reads the configuration: the file, where there is one, with the environment laid over it.
 * CONFIG_UNREADABLE, or CONFIG_INVALID with all faults at once in `details.faults`.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<Config> {
  const env = options.env ?? processEnvironment();
  const folder = path.resolve(options.folder ?? '.');
  const file = findFile(options.file ?? (env['MILVAULT_CONFIG'] || undefined), folder);
  if (file === null) return parseConfig('{}', { env, folder });
  return parseConfig(await readText(file), { env, file });
}

function findFile(given: string | undefined, folder: string): string | null {
  if (given !== undefined) return path.resolve(folder, given);
  const found = FILE_NAMES.filter((name) => existsSync(path.join(folder, name)));
  const [first] = found;
  if (found.length > 1) {
    const got = found.join(' and ');
    throw configInvalid(folder, [{ path: '(folder)', expected: 'one configuration file, or MILVAULT_CONFIG', got }]);
  }
  return first === undefined ? null : path.join(folder, first);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw fail('CONFIG_UNREADABLE', { what: `The configuration file ${file} cannot be read`, cause });
  }
}

/** The same for a text that was read already. `file` gives its format by its ending and is named in errors. */
export function parseConfig(text: string, options: ParseOptions = {}): Config {
  const env = options.env ?? processEnvironment();
  const folder = path.resolve(options.folder ?? '.');
  const file = options.file === undefined ? null : path.resolve(folder, options.file);
  const baseFolder = file === null ? folder : path.dirname(file);
  const context: WalkContext = { faults: [], secrets: secretReader(env, baseFolder) };
  const raw = parseText(text, file, context.faults);
  const original = readOriginal(raw, context);
  const own = original === null ? raw : translatedOr(original, context.faults, options.timeZone ?? machineTimeZone());
  const overlaid = overlay(own, env, context);
  const faults = [...context.faults, ...relationFaults(overlaid, baseFolder)];
  if (faults.length > 0) throw configInvalid(file ?? 'defaults and environment', faults);
  // No faults: the file fits its schema, and so does each variable.
  const checked = overlaid as ConfigFile;
  const told = original === null ? [] : originalNotices(original as OriginalFile, checked);
  const notices = [...told, ...unusedNotices(env, overlaid)];
  return buildConfig(checked, { file, baseFolder, secrets: context.secrets, notices });
}

/** The configuration of somebody who configured nothing: defaults and environment. */
export const defaultConfig = (env: Environment = processEnvironment(), folder = '.'): Config =>
  parseConfig('{}', { env, folder });

/** Checks the file by its kind. Returns it where it is the original's, else null. */
function readOriginal(raw: Record<string, unknown>, context: WalkContext): Record<string, unknown> | null {
  const keys = Object.keys(raw);
  const theirs = keys.filter((key) => ORIGINAL_KEYS.includes(key));
  const ours = keys.filter((key) => Object.hasOwn(ConfigFile.properties, key));
  if (theirs.length === 0) {
    walk(ConfigFile, raw, '', context);
    return null;
  }
  const [firstOfOurs] = ours;
  if (firstOfOurs !== undefined) context.faults.push(mixed(firstOfOurs, theirs));
  const pick = (unwanted: readonly string[]): Record<string, unknown> =>
    Object.fromEntries(Object.entries(raw).filter(([key]) => !unwanted.includes(key)));
  checkOriginal(pick(ours), context);
  if (ours.length > 0) walk(ConfigFile, pick(keys.filter((key) => !ours.includes(key))), '', context);
  return raw;
}

const mixed = (path: string, theirs: readonly string[]): Fault => ({
  path,
  expected: `either milvault's own keys or those of the original (${theirs.join(', ')})`,
  got: 'both in one file',
});

/** With faults in the file there is nothing to translate; variables are checked all the same. */
function translatedOr(raw: Record<string, unknown>, faults: readonly Fault[], zone: string): Record<string, unknown> {
  if (faults.length > 0 || !isRecord(raw)) return {};
  // Checked against OriginalFile without a fault.
  return { ...translateOriginal(raw as OriginalFile, zone) };
}
