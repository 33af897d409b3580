import type { ErrorRecord, Run, RunState } from '@milvault/shared';
import type { RunEnd, RunStart } from './runs.ts';
import { parse } from './store.ts';

/** A run as the fields of its hash: counters apart, so that parts count without reading the rest. */

export const toHash = (start: RunStart): string[] =>
  Object.entries({
    kind: start.kind,
    state: 'queued',
    plan: start.plan ?? '',
    trigger: start.trigger,
    request: JSON.stringify(start.request),
    queuedAt: String(start.queuedAt),
    phase: 'queued',
  }).flat();

export const endOf = (end: RunEnd, at: number): string[] => [
  'state',
  end.state,
  'endedAt',
  String(at),
  ...(end.result === undefined ? [] : ['result', JSON.stringify(end.result)]),
  ...(end.error === undefined ? [] : ['error', JSON.stringify(end.error)]),
];

const count = (text: string | undefined): number => Number(text ?? 0);
const orNull = <T>(text: string | undefined, read: (text: string) => T): T | null =>
  text === undefined || text === '' ? null : read(text);

export function fromHash(id: string, hash: Readonly<Record<string, string>>): Run | null {
  if (hash['kind'] === undefined) return null;
  return {
    id,
    // Written by toHash and the scripts alone.
    kind: hash['kind'] as Run['kind'],
    state: hash['state'] as RunState,
    plan: orNull(hash['plan'], String),
    trigger: hash['trigger'] ?? '',
    request: parse<Record<string, unknown>>(hash['request'] ?? '{}'),
    progress: {
      phase: hash['phase'] ?? '',
      partsDone: count(hash['partsDone']),
      partsTotal: count(hash['partsTotal']),
      rows: count(hash['rows']),
      rowsTotal: count(hash['rowsTotal']),
      bytes: count(hash['bytes']),
    },
    attempts: count(hash['attempts']),
    queuedAt: count(hash['queuedAt']),
    startedAt: orNull(hash['startedAt'], Number),
    endedAt: orNull(hash['endedAt'], Number),
    result: orNull(hash['result'], parse<Record<string, unknown>>),
    error: orNull(hash['error'], parse<ErrorRecord>),
  };
}
