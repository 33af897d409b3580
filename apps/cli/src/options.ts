import { fail, requireName } from '@milvault/shared';
import { InvalidArgumentError, Option } from 'commander';

/** What every command may be told, before or after its name; a command that has no use for one refuses it. */
export interface Globals {
  readonly json?: true;
  readonly local?: true;
  readonly repo?: string;
  readonly config?: string;
  readonly tokenFile?: string;
}

/** A fresh option each time: commander keeps state in it. */
export const globalOptions = {
  json: () => new Option('--json', 'answer with one JSON value on standard output, faults as {"error": {…}}'),
  local: () => new Option('--local', 'do it in this process: no API, no Redis, no worker'),
  repo: () =>
    new Option(
      '--repo <name|place>',
      'repository: a name, a folder or s3://bucket/prefix (default: the only one configured)',
    ),
  config: () =>
    new Option('--config <file>', 'configuration file (default: MILVAULT_CONFIG, else milvault.json if there)'),
  tokenFile: () =>
    new Option('--token-file <file>', 'with --local: file with the token of Milvus (default: MILVUS_TOKEN)'),
} as const;
export type GlobalName = keyof typeof globalOptions;

/** Of the Milvus that the command speaks of. */
export const milvusStorageOption = (): Option =>
  new Option(
    '--milvus-storage <place>',
    'with --local: folder or s3://bucket/rootPath in which that Milvus keeps its files, for the engine segments',
  );

const commaList = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** `--collections a,b --collections c`: all of them, each a possible name. */
const namesOf =
  (what: string) =>
  (text: string, before: readonly string[] | undefined): string[] => {
    const names = commaList(text);
    if (names.length === 0) throw new InvalidArgumentError(`Expected at least one ${what}.`);
    return [...(before ?? []), ...names.map((name) => requireName(name, what))];
  };

export const collectionsOption = (about: string): Option =>
  new Option('--collections <a,b>', about).argParser(namesOf('collection'));

export const partitionsOption = (): Option =>
  new Option('--partitions <a,b>', 'only these partitions (default: all)').argParser(namesOf('partition'));

export const suffixOption = (): Option =>
  new Option('--suffix <text>', 'put behind the name of each collection (default: _restored)')
    .argParser((text) => requireName(text, 'suffix'))
    .conflicts('rename');

/** `--rename a=b,c=d`, once or often. */
export const renameOption = (): Option =>
  new Option(
    '--rename <old=new>',
    'restore a collection under exactly this name; comma-separated or repeated',
  ).argParser((text: string, before: Readonly<Record<string, string>> | undefined) => {
    const pairs = commaList(text).map(renamePair);
    const names = [...Object.keys(before ?? {}), ...pairs.map(([from]) => from)];
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) throw new InvalidArgumentError(`${twice} is renamed twice.`);
    return { ...before, ...Object.fromEntries(pairs) };
  });

function renamePair(text: string): [string, string] {
  const [from, to, more] = text.split('=');
  if (from === undefined || to === undefined || more !== undefined || from === '' || to === '') {
    throw new InvalidArgumentError('Expected old=new.');
  }
  return [requireName(from, 'collection'), requireName(to, 'new name')];
}

/** A whole number from `least` to `most`. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${String(least)} to ${String(most)}.`);
  };

/** Ids and names of backups, runs and plans, before they become part of a path. */
export function requireId(text: string, what: string): string {
  if (text !== '.') return requireName(text, what);
  throw fail('NAME_INVALID', { what: `The ${what} "." is not allowed`, expected: 'an id or a name', got: '"."' });
}
