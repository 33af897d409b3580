import { Archive, House, ListChecks, type LucideIcon } from 'lucide-react';
import { lazy, type ComponentType } from 'react';
import type { Text } from '../text/en.ts';

export interface PageEntry {
  /** Pattern of the address; `:name` is a parameter of the component. */
  readonly path: string;
  /** Absent: reached from another page, not from the menu. */
  readonly menu?: { readonly icon: LucideIcon; readonly title: (text: Text) => string };
  readonly component: ComponentType<{ params: Record<string, string | undefined> }>;
}

/** Every page, each loaded when it is opened first. A new page is a folder here and a line in this list. */
export const PAGES: readonly PageEntry[] = [
  {
    path: '/',
    menu: { icon: House, title: (text) => text.overview.title },
    component: lazy(() => import('./overview/overview.tsx')),
  },
  {
    path: '/backups',
    menu: { icon: Archive, title: (text) => text.backups.title },
    component: lazy(() => import('./backups/backups.tsx')),
  },
  { path: '/backups/:backup', component: lazy(() => import('./backups/backup.tsx')) },
  { path: '/backups/:backup/restore', component: lazy(() => import('./restore/restore.tsx')) },
  {
    path: '/runs',
    menu: { icon: ListChecks, title: (text) => text.runs.title },
    component: lazy(() => import('./runs/runs.tsx')),
  },
  { path: '/runs/:run', component: lazy(() => import('./runs/run.tsx')) },
];
