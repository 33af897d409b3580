import type { Backup, Proof } from '@milvault/shared';
import type { RetentionRule } from '../port.ts';

/** A backup as retention sees it. */
export interface Candidate {
  readonly backup: Pick<Backup, 'id' | 'name' | 'plan' | 'source' | 'startedAt' | 'committedAt' | 'rows' | 'proofs'>;
  /** The backups whose chunks it borrows. */
  readonly refs: readonly string[];
}

export interface Decision {
  readonly id: string;
  readonly keep: boolean;
  /** Why, for people. */
  readonly reason: string;
}

const DAY = 24 * 60 * 60 * 1000;
/** Clocks of two machines differ by less. */
const CLOCK_TOLERANCE = 10 * 60 * 1000;

/**
 * What stays and what goes, with the reason for each: a pure function, so that a dry run is the same code.
 *
 * A backup goes only when its plan's rule says so by age, and a newer good one of the same source and plan stays. Never
 * goes: the newest good backup, the newest good one that has rows (a source that was emptied does not push its last rows
 * out), a backup that a staying one borrows from, one without a rule, and one whose time lies in the future.
 */
export function decideRetention(
  candidates: readonly Candidate[],
  rules: readonly RetentionRule[],
  now: number,
): Decision[] {
  const reasons = new Map<string, Decision>();
  for (const group of groups(candidates)) {
    for (const decision of decideGroup(group, ruleOf(group, rules), now)) reasons.set(decision.id, decision);
  }
  keepBases(candidates, reasons);
  return candidates.flatMap(({ backup }) => reasons.get(backup.id) ?? []);
}

/** Backups of one source and plan; those taken by hand are a group of their own. Newest first. */
function groups(candidates: readonly Candidate[]): Candidate[][] {
  const byGroup = new Map<string, Candidate[]>();
  for (const one of candidates) {
    const key = JSON.stringify([one.backup.source.id, one.backup.plan]);
    byGroup.set(key, [...(byGroup.get(key) ?? []), one]);
  }
  return [...byGroup.values()].map((group) => group.sort(newestFirst));
}

const newestFirst = (a: Candidate, b: Candidate): number =>
  b.backup.committedAt - a.backup.committedAt || (a.backup.id < b.backup.id ? 1 : -1);

function ruleOf(group: readonly Candidate[], rules: readonly RetentionRule[]): RetentionRule | null {
  const first = group[0]?.backup;
  return rules.find((rule) => rule.sourceId === first?.source.id && rule.plan === first.plan) ?? null;
}

function decideGroup(group: readonly Candidate[], rule: RetentionRule | null, now: number): Decision[] {
  if (rule === null) return group.map(({ backup }) => keep(backup.id, 'no rule speaks of it'));
  const suspect = ({ backup }: Candidate): boolean =>
    backup.committedAt > now + CLOCK_TOLERANCE || backup.startedAt > backup.committedAt + CLOCK_TOLERANCE;
  const good = group.filter((one) => !suspect(one) && isGood(one.backup.proofs));
  const newest = good[0]?.backup.id;
  const newestWithRows = good.find((one) => one.backup.rows > 0)?.backup.id;
  return group.map((one): Decision => {
    const { backup } = one;
    if (suspect(one)) return keep(backup.id, 'its time cannot be right, so it is not judged by age');
    if (backup.id === newest) return keep(backup.id, 'the newest good backup');
    if (backup.id === newestWithRows) return keep(backup.id, 'the newest good backup that has rows');
    if (newest === undefined) return keep(backup.id, 'there is no good backup to take its place');
    const days = (now - backup.committedAt) / DAY;
    if (days <= rule.days) return keep(backup.id, `not older than ${rule.days} days`);
    const newer = good.some((other) => newestFirst(other, one) < 0);
    if (!newer) return keep(backup.id, 'there is no newer good backup');
    return { id: backup.id, keep: false, reason: `older than ${rule.days} days` };
  });
}

const keep = (id: string, reason: string): Decision => ({ id, keep: true, reason });

/** What a staying backup borrows from stays, and so on down the chain. */
function keepBases(candidates: readonly Candidate[], reasons: Map<string, Decision>): void {
  const byId = new Map(candidates.map((one) => [one.backup.id, one]));
  const queue = candidates.filter((one) => reasons.get(one.backup.id)?.keep === true);
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    for (const ref of one.refs) {
      const base = byId.get(ref);
      if (base === undefined || reasons.get(ref)?.keep === true) continue;
      reasons.set(ref, keep(ref, `${one.backup.name} needs it`));
      queue.push(base);
    }
  }
}

/** No check says `damaged` without a later check, at least as deep, that says `ok`. */
export const isGood = (proofs: readonly Proof[]): boolean =>
  proofs.every(
    (bad) =>
      bad.result !== 'damaged' || proofs.some((ok) => ok.result === 'ok' && ok.level >= bad.level && ok.at > bad.at),
  );
