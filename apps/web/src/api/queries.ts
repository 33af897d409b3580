import { queryOptions } from '@tanstack/react-query';
import type {
  Backup,
  BackupList,
  ChainView,
  ExportPlan,
  Overview,
  RepositoryList,
  RestoreCheck,
  Run,
  RunList,
  RunLogs,
  SessionView,
  SourceList,
  StartRestore,
  Version,
  WorkerList,
} from '@milvault/shared';
import type { Static } from 'typebox';
import { get, part, post, type List, type Query } from './client.ts';

/** Everything that is read, each under the key by which live events make it fresh (`live.ts`). */
export const queries = {
  version: () => queryOptions({ queryKey: ['version'], queryFn: ({ signal }) => get<Version>('/version', {}, signal) }),
  session: () =>
    queryOptions({ queryKey: ['session'], queryFn: ({ signal }) => get<SessionView>('/session', {}, signal) }),
  overview: () =>
    queryOptions({ queryKey: ['overview'], queryFn: ({ signal }) => get<Overview>('/overview', {}, signal) }),
  workers: () =>
    queryOptions({
      queryKey: ['workers'],
      queryFn: ({ signal }) => get<Static<typeof WorkerList>>('/workers', {}, signal),
    }),
  sources: () =>
    queryOptions({
      queryKey: ['sources'],
      queryFn: ({ signal }) => get<Static<typeof SourceList>>('/sources', {}, signal),
    }),
  repositories: () =>
    queryOptions({
      queryKey: ['repositories'],
      queryFn: ({ signal }) => get<Static<typeof RepositoryList>>('/repositories', {}, signal),
    }),
  // Plain objects: `ui/use-pages.ts` reads any list page by page.
  backups: (query: Query) => ({
    queryKey: ['backups', query] as const,
    queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<List<Backup>> => {
      const { backups: rows, total } = await get<Static<typeof BackupList>>('/backups', query, signal);
      return { rows, total };
    },
  }),
  backup: (id: string) =>
    queryOptions({
      queryKey: ['backup', id],
      queryFn: ({ signal }) => get<Backup>(`/backups/${part(id)}`, {}, signal),
    }),
  contents: (id: string) =>
    queryOptions({
      queryKey: ['contents', id],
      queryFn: ({ signal }) => get<ExportPlan>(`/backups/${part(id)}/export`, {}, signal),
      // A backup never changes.
      staleTime: Infinity,
    }),
  chain: (id: string) =>
    queryOptions({
      queryKey: ['backup', id, 'chain'],
      queryFn: ({ signal }) => get<ChainView>(`/backups/${part(id)}/chain`, {}, signal),
    }),
  /** Looked up anew each time: it says what is on another server now. */
  restoreCheck: (id: string, body: Omit<StartRestore, 'backup'>) =>
    queryOptions({
      queryKey: ['restore-check', id, body],
      queryFn: () => post<RestoreCheck>(`/backups/${part(id)}/restore/check`, body),
      gcTime: 0,
      retry: false,
    }),
  runs: (query: Query) => ({
    queryKey: ['runs', query] as const,
    queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<List<Run>> => {
      const { runs: rows, total } = await get<Static<typeof RunList>>('/runs', query, signal);
      return { rows, total };
    },
  }),
  run: (id: string) =>
    queryOptions({ queryKey: ['run', id], queryFn: ({ signal }) => get<Run>(`/runs/${part(id)}`, {}, signal) }),
  logs: (id: string) =>
    queryOptions({
      queryKey: ['run', id, 'logs'],
      queryFn: ({ signal }) => get<Static<typeof RunLogs>>(`/runs/${part(id)}/logs`, {}, signal),
    }),
};
