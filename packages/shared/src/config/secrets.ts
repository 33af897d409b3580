import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from './env.ts';

export type Resolved = { readonly value: string } | { readonly expected: string; readonly got: string };

/** Gives the value behind `env:NAME`, `file:PATH`, or the text itself. Each is read once, so that all uses agree. */
export type SecretReader = (text: string) => Resolved;

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function fromEnvironment(name: string, env: Environment): Resolved {
  if (!ENV_NAME.test(name)) return { expected: 'env:NAME with the name of a variable', got: 'another name' };
  const value = env[name];
  if (value !== undefined && value !== '') return { value };
  return {
    expected: `a value in the environment variable ${name}`,
    got: value === undefined ? 'none' : 'an empty one',
  };
}

/** The final line break that editors and `echo` add is no part of a secret. */
function fromFile(file: string): Resolved {
  const expected = `a readable file ${file} with the secret`;
  try {
    const value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    return value === '' ? { expected, got: 'an empty file' } : { value };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'a fault of the file system';
    return { expected, got: code };
  }
}

/** `baseFolder`: what relative paths start from, the folder of the configuration file. */
export function secretReader(env: Environment, baseFolder: string): SecretReader {
  const known = new Map<string, Resolved>();
  const read = (text: string): Resolved => {
    if (text.startsWith('env:')) return fromEnvironment(text.slice(4), env);
    if (text.startsWith('file:')) return fromFile(path.resolve(baseFolder, text.slice(5)));
    return { value: text };
  };
  return (text) => {
    const resolved = known.get(text) ?? read(text);
    known.set(text, resolved);
    return resolved;
  };
}
