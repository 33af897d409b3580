import { isGood } from '@milvault/repository';
import { earlierDue, type Backup, type Plan } from '@milvault/shared';
import type { Adapters } from '../adapters.ts';
import { inTurn, type Turn } from '../rotation.ts';
import type { Due, DueRun } from './schedules.ts';

/** A part of what is stored, so that all of it is checked in any `checkRuns` firings in a row. */
export async function dueChecks(plan: Plan, slot: number, adapters: Adapters): Promise<Due> {
  const backups = await backupsOf(plan, adapters);
  if (backups.length === 0) return { runs: null, reason: `plan ${plan.name} has no backup to check` };
  const { repository, checkLevel: level, checkRuns } = plan;
  const chosen = inTurn(backups, turnOf(plan, plan.check, { level, runs: checkRuns, slot }));
  return {
    runs: chosen.map(({ id }) => ({ kind: 'verify', payload: { repository, backup: id, level }, of: id })),
  };
}

/** The newest backup that no check found damaged, and those whose turn it is where all are to be tried. */
export async function dueDrills(plan: Plan, slot: number, adapters: Adapters): Promise<Due> {
  const canDrill = ({ engine }: Backup): boolean =>
    adapters.engines.get(engine).abilities.lacks?.includes('drill') !== true;
  const good = (await backupsOf(plan, adapters)).filter((backup) => isGood(backup.proofs) && canDrill(backup));
  const [newest] = good.sort((a, b) => b.committedAt - a.committedAt);
  if (newest === undefined) return { runs: null, reason: `plan ${plan.name} has no good backup to try` };
  const { repository, drillTarget: target, drillRuns } = plan;
  const run = ({ id }: Backup, of?: string): DueRun => ({
    kind: 'drill',
    payload: { repository, backup: id, target },
    ...(of === undefined ? {} : { of }),
  });
  const turn = drillRuns === null ? null : turnOf(plan, plan.drill, { level: 4, runs: drillRuns, slot });
  const others = turn === null ? [] : inTurn(good, turn).filter(({ id }) => id !== newest.id);
  return { runs: [run(newest), ...others.map((backup) => run(backup, backup.id))] };
}

const backupsOf = async ({ name, repository }: Plan, adapters: Adapters): Promise<Backup[]> =>
  (await (await adapters.repository(repository)).list()).filter(({ plan }) => plan === name);

const turnOf = ({ timeZone }: Plan, cron: string | null, turn: Omit<Turn, 'since'>): Turn => ({
  ...turn,
  since: cron === null ? turn.slot : earlierDue(cron, timeZone, turn.slot, turn.runs - 1),
});
