import { createInterface } from 'node:readline/promises';

/** Where a command speaks: the real streams in `main.ts`, arrays in tests. */
export interface Terminal {
  /** Standard output: the answer and nothing else, so that it can be piped. */
  out(text: string): void;
  /** Standard error: progress, notices, faults of a command without `--json`. */
  err(text: string): void;
  readonly columns: number;
  /** True where a person watches standard error: a bar may be drawn over and over. */
  readonly live: boolean;
  /** Asks a question that is answered by y or n; null where nobody can be asked. */
  readonly confirm: ((question: string, signal: AbortSignal) => Promise<boolean>) | null;
  /** Of standard output. */
  readonly style: Style;
  /** Of standard error, which may go elsewhere. */
  readonly errStyle: Style;
}

/** Emphasis only: the words say all, so that nothing is lost without colour. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  doubtful(text: string): string;
}

const ESCAPE = '\u001b[';
const paint = (code: number) => (text: string) => (text === '' ? '' : `${ESCAPE}${String(code)}m${text}${ESCAPE}0m`);
const same = (text: string): string => text;

export const plainStyle: Style = { bold: same, dim: same, good: same, bad: same, doubtful: same };
export const colourStyle: Style = {
  bold: paint(1),
  dim: paint(2),
  good: paint(32),
  bad: paint(31),
  doubtful: paint(33),
};

export const CLEAR_LINE = `\r${ESCAPE}K`;

/** Colour where a terminal shows it and nobody forbade it (https://no-color.org). */
export function processTerminal(env: { readonly noColour: boolean; readonly dumb: boolean }): Terminal {
  const { stdin, stdout, stderr } = process;
  const styleOf = ({ isTTY }: { isTTY: boolean }): Style =>
    isTTY && !env.noColour && !env.dumb ? colourStyle : plainStyle;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    columns: (stderr.isTTY ? stderr.columns : stdout.columns) || 80,
    live: stderr.isTTY && !env.dumb,
    confirm: stdin.isTTY && stderr.isTTY ? ask : null,
    style: styleOf(stdout),
    errStyle: styleOf(stderr),
  };
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
