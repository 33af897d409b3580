import type { Diagnosis } from '@milvault/jobs';
import { formatCount } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { printable } from './table.ts';

/** What is bad first, what is well last; under each what to do. */
export function doctorText(found: readonly Diagnosis[], style: Style): string {
  const of = (state: Diagnosis['state']): readonly Diagnosis[] => found.filter((one) => one.state === state);
  const marks = { bad: style.bad('bad'), doubt: style.doubtful('see'), ok: style.good('ok ') };
  const lines = (['bad', 'doubt', 'ok'] as const).flatMap((state) =>
    of(state).flatMap(({ part, subject, what, next }) => [
      `${marks[state]}  ${style.bold(printable(`${part} ${subject}`.trim()))}: ${printable(what)}`,
      ...(next === '' ? [] : [`     ${style.dim(printable(next))}`]),
    ]),
  );
  const [bad, doubt] = [of('bad').length, of('doubt').length];
  const end =
    bad > 0
      ? `${formatCount(bad)} to mend, ${formatCount(doubt)} to look at`
      : doubt > 0
        ? `Nothing to mend, ${formatCount(doubt)} to look at`
        : 'All is well';
  return `${lines.join('\n')}\n\n${style.bold(end)}\n`;
}
