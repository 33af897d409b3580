import { headline, toErrorRecord, type ErrorRecord, type Run } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { printable } from './table.ts';

/** What is known of a fault: of our own process, or of a run that ended somewhere else. */
export type Fault = Omit<ErrorRecord, 'code'> & { code: string };

export const faultOf = (thrown: unknown): Fault => toErrorRecord(thrown);

export const faultOfRun = (error: NonNullable<Run['error']>): Fault => ({ ...error });

/**
 * A fault for people: what happened, expected and got, what to do next. Faults of a configuration follow one a line.
 */
export function faultText(fault: Fault, style: Style): string {
  const { expected, got } = fault;
  // A list of faults is part of the message, one a line; here it follows further down.
  const what = headline(fault).split('\n')[0] ?? '';
  const told = [expected === undefined ? null : `expected ${expected}`, got === undefined ? null : `got ${got}`].filter(
    (one) => one !== null,
  );
  return [
    `${style.bad('error')} ${style.bold(printable(what))} (${fault.code})`,
    ...(told.length === 0 ? [] : [`  ${printable(told.join(', '))}`]),
    ...listedFaults(fault).map((one) => `  - ${printable(one)}`),
    ...rootCause(fault).map((cause) => `  ${style.dim(`because ${printable(cause)}`)}`),
    `  next: ${printable(fault.next)}`,
    '',
  ].join('\n');
}

/** The innermost cause, unless most of its words were told already. */
function rootCause(fault: Fault): string[] {
  const cause = fault.causes?.at(-1);
  if (cause === undefined) return [];
  const told = new Set(wordsOf(`${fault.message} ${fault.got ?? ''}`));
  const words = wordsOf(cause);
  const news = words.filter((word) => !told.has(word)).length;
  return news > words.length / 2 ? [cause.trim()] : [];
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];

/** The faults of a configuration: `details.faults`, one text or `{path, expected, got}` each. */
function listedFaults(fault: Fault): string[] {
  const faults = fault.details?.['faults'];
  if (!Array.isArray(faults)) return [];
  return faults.map((one: unknown) => {
    if (typeof one !== 'object' || one === null) return String(one);
    const { path, expected, got } = one as Record<string, unknown>; // Read-only look at plain JSON: each field is checked by its use as text.
    return `${String(path)}: expected ${String(expected)}, got ${String(got)}`;
  });
}
