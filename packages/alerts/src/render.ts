import { hashedName } from '@milvault/shared';
import { formatInstant } from './events.ts';
import type { AlertEvent, AlertMessage } from './port.ts';
import { manyLines, oneLine } from './text.ts';

/** The original's contract: a subject says that it is a Milvus backup alert. Mail filters may build on these words. */
const SUBJECT = '[milvault] Milvus backup alert:';

const MOST = { title: 160, label: 60, value: 2_000, facts: 40, next: 1_000 } as const;
const OPENINGS = {
  opened: 'Needs attention',
  reminder: 'Still needs attention',
  recovered: 'All is well again',
} as const;
const PREFIXES = { opened: '', reminder: 'still: ', recovered: 'recovered: ' } as const;
const INDENT = '    ';

/** The same event always gives the same message, byte for byte: a repeated delivery can be told by its id. */
export function render(event: AlertEvent): AlertMessage {
  const title = oneLine(event.title, MOST.title) || 'something is wrong';
  const over = event.kind === 'recovered';
  const id = hashedName('alert', event.key);
  const lines = [
    `${OPENINGS[event.kind]}: ${title}.`,
    '',
    ...event.facts.slice(0, MOST.facts).map(factLine),
    ...left(event.facts.length),
    `When: ${formatInstant(event.at)}`,
    '',
    over ? 'Nothing needs to be done.' : `What to do: ${manyLines(event.next, MOST.next) || 'look at the log'}`,
    '',
    `Incident ${oneLine(event.incident, MOST.value)}, alert ${id}`,
  ];
  return { subject: `${SUBJECT} ${PREFIXES[event.kind]}${title}`, text: `${lines.join('\n')}\n`, id };
}

function factLine({ label, value }: AlertEvent['facts'][number]): string {
  const text = manyLines(value, MOST.value).replaceAll('\n', `\n${INDENT}`);
  return `${oneLine(label, MOST.label)}: ${text}`;
}

const left = (facts: number): string[] =>
  facts > MOST.facts ? [`(${facts - MOST.facts} more facts are in the log)`] : [];
