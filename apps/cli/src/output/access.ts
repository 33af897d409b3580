import type { AuditEntry, AuditPage, TokenView } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { table } from './table.ts';
import { minute } from './text.ts';

const minuteOr = (at: number | null, otherwise: string): string => (at === null ? otherwise : minute(at));

export function tokenTable(tokens: readonly TokenView[], now: number, style: Style): string {
  if (tokens.length === 0) return 'There is no token but the admin token of the configuration.\n';
  const hasEnded = ({ expiresAt }: TokenView): boolean => expiresAt !== null && expiresAt <= now;
  return table(
    [
      { title: 'TOKEN', cell: ({ name }) => name },
      { title: 'ROLE', cell: ({ role }) => role },
      { title: 'MADE (UTC)', cell: ({ createdAt }) => minute(createdAt) },
      { title: 'BY', cell: ({ by }) => by },
      { title: 'LAST USED (UTC)', cell: ({ usedAt }) => minuteOr(usedAt, 'never') },
      {
        title: 'ENDS (UTC)',
        cell: (token) => `${minuteOr(token.expiresAt, 'never')}${hasEnded(token) ? ', ended' : ''}`,
        paint: (text, token) => (hasEnded(token) ? style.doubtful(text) : text),
      },
    ],
    tokens,
    style,
  );
}

export function auditTable({ entries, next }: AuditPage, style: Style): string {
  if (entries.length === 0) return 'Nobody has changed anything.\n';
  const shown = table(
    [
      { title: 'AT (UTC)', cell: ({ at }) => minute(at) },
      { title: 'BY', cell: ({ by }) => by },
      { title: 'DID', cell: ({ method, route }) => `${method} ${route}` },
      { title: 'TO', cell: targetOf },
      {
        title: 'ANSWER',
        align: 'right',
        cell: ({ status }) => String(status),
        paint: (text, { status }) => (status >= 400 ? style.doubtful(text) : text),
      },
      { title: 'RESULT', cell: ({ result }) => result ?? '' },
    ],
    entries,
    style,
  );
  return next === null ? shown : `${shown}\nOlder ones: --before ${next}\n`;
}

const targetOf = ({ target }: AuditEntry): string => Object.values(target).join(' ');
