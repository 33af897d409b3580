import { formatCount, retentionText, type PlanView } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { table } from './table.ts';
import { minute } from './text.ts';

/** The soonest of a plan's schedules: `full at 2026-11-29 02:00`. */
function nextOf(plan: PlanView): string {
  if (!plan.enabled) return 'off';
  const due = (['full', 'incremental', 'check', 'drill'] as const)
    .map((type) => ({ type, at: plan[type]?.next ?? null }))
    .filter((one): one is { type: 'full' | 'incremental' | 'check' | 'drill'; at: number } => one.at !== null)
    .sort((a, b) => a.at - b.at)[0];
  return due === undefined ? 'never' : `${due.type} at ${minute(due.at)}`;
}

export function planTable(plans: readonly PlanView[], style: Style): string {
  if (plans.length === 0) return 'There is no plan. Plans are written in the configuration file.\n';
  return table(
    [
      { title: 'PLAN', cell: (plan) => plan.name },
      { title: 'SOURCE', cell: (plan) => plan.source },
      { title: 'REPOSITORY', cell: (plan) => plan.repository },
      { title: 'COLLECTIONS', cell: (plan) => shortList(plan.collections) },
      { title: 'KEPT', align: 'right', cell: (plan) => retentionText(plan.retention) },
      { title: 'NEXT (UTC)', cell: nextOf },
      {
        title: 'LAST GOOD (UTC)',
        cell: (plan) => (plan.lastGood === null ? 'none' : minute(plan.lastGood.committedAt)),
        paint: (text, plan) => (plan.lastGood === null ? style.doubtful(text) : text),
      },
    ],
    plans,
    style,
  );
}

const SHOWN = 3;
const shortList = (names: readonly string[]): string =>
  names.length <= SHOWN
    ? names.join(', ')
    : `${names.slice(0, SHOWN).join(', ')}, +${formatCount(names.length - SHOWN)}`;
