import { ERRORS, SETTINGS } from '@milvault/shared';
import { keyRows } from './keys.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => (text === '' ? '' : `\`${text}\``);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

const errors = (): string =>
  table(
    ['code', 'HTTP', 'tried again', 'what happened', 'what to do'],
    Object.entries(ERRORS).map(([name, { status, retryable, title, next }]) => [
      code(name),
      String(status),
      retryable ? 'yes' : 'no',
      title,
      next,
    ]),
  );

const keys = (): string =>
  table(
    ['key', 'type', 'default', 'variable', 'meaning'],
    keyRows().map(({ path, type, required, preset, variables: names, description }) => [
      code(path),
      type,
      required ? 'required' : code(preset),
      names.map(code).join(', '),
      description,
    ]),
  );

const variables = (): string =>
  table(
    ['variable', 'example', 'meaning'],
    SETTINGS.map(({ name, about, example }) => [code(name), code(example), about]),
  );

/** Every table that a page can hold between `<!-- table:NAME -->` and `<!-- /table -->`. */
const TABLES: Readonly<Record<string, () => string>> = { errors, keys, variables };

/** The page with its tables made anew. */
export function withTables(page: string): string {
  return page.replace(/<!-- table:(\w+) -->\n[^]*?<!-- \/table -->/g, (_, name: string) => {
    const make = TABLES[name];
    if (make === undefined) throw new Error(`expected one of the tables ${Object.keys(TABLES).join()}, got ${name}`);
    return `<!-- table:${name} -->\n\n${make()}\n\n<!-- /table -->`;
  });
}
