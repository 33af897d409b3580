import { parseDocument } from 'yaml';
import { fail, type MilvaultError } from '../errors/error.ts';
import { showKind, type Fault } from './faults.ts';
import { isRecord } from './walk.ts';

/** Far above any real file, far below what would make a parser slow. */
const LARGEST_TEXT = 1024 * 1024;
const MOST_ALIASES = 100;

/**
 * The object in a JSON or YAML text. CONFIG_UNREADABLE where it is neither; keys that stand twice are added to `faults`.
 * Parsers quote the text in their messages, and the text may hold secrets: only the place of a fault is told.
 */
export function parseText(text: string, file: string | null, faults: Fault[]): Record<string, unknown> {
  const isYaml = file !== null && /\.ya?ml$/i.test(file);
  const name = file ?? 'the configuration';
  if (text.length > LARGEST_TEXT) throw unreadable(name, 'at most 1 MiB', `${text.length} characters`);
  const plain = text.replace(/^\uFEFF/, '');
  const json = isYaml ? undefined : parseJson(plain, name);
  // JSON.parse keeps the last of two equal keys and says nothing; the YAML parser sees both.
  const document = parseDocument(plain, { prettyErrors: true, logLevel: 'error' });
  for (const error of document.errors) {
    const line = error.linePos?.[0].line;
    const where = line === undefined ? '' : ` at line ${line}`;
    if (error.code === 'DUPLICATE_KEY') {
      faults.push({
        path: line === undefined ? '(file)' : `(line ${line})`,
        expected: 'each key once',
        got: 'a key twice',
      });
    } else if (isYaml) throw unreadable(name, 'YAML', `a fault${where} (${error.code})`);
  }
  const value = isYaml ? toValue(document, name) : json;
  if (isYaml && value === null) return {};
  if (!isRecord(value)) throw unreadable(name, 'an object with keys and values', showKind(value));
  return value;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /at position (\d+)/.exec(String(error))?.[1];
    const line = position === undefined ? null : text.slice(0, Number(position)).split('\n').length;
    throw unreadable(
      name,
      'JSON',
      text.trim() === '' ? 'an empty file' : `a fault${line === null ? '' : ` at line ${line}`}`,
    );
  }
}

function toValue(document: ReturnType<typeof parseDocument>, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch {
    throw unreadable(name, `YAML with at most ${MOST_ALIASES} aliases`, 'more, or one without an anchor');
  }
}

const unreadable = (name: string, expected: string, got: string): MilvaultError =>
  fail('CONFIG_UNREADABLE', { what: `${name} cannot be read`, expected, got });
