import type { AuditPage, TokenView } from '@milvault/shared';
import { backup, ID } from './samples.ts';

/** Fixed values for golden outputs, of tokens and the audit log. */
const AT = Date.UTC(2026, 10, 22, 2, 0, 3);
const DAY_MS = 24 * 3_600_000;

export const token: TokenView = {
  name: 'grafana',
  role: 'viewer',
  by: 'admin token',
  createdAt: AT,
  expiresAt: AT + 30 * DAY_MS,
  usedAt: null,
};

const entry = { at: AT, by: 'nightly', role: 'operator' as const, method: 'POST', result: null, request: ID };
export const audited: AuditPage = {
  entries: [
    {
      ...entry,
      id: '3-0',
      method: 'DELETE',
      route: '/api/v1/backups/:backup',
      target: { backup: backup.name },
      status: 403,
    },
    { ...entry, id: '2-0', route: '/api/v1/runs/backup', target: {}, result: ID, status: 202 },
  ],
  next: '2-0',
};
