import type { Backup } from '@milvault/shared';
import type { Guarded, RetentionRule } from '../port.ts';
import { isGood } from './good.ts';
import { keptByRules } from './quotas.ts';

/** A backup as retention sees it. */
export interface Candidate {
  readonly backup: Pick<
    Backup,
    'id' | 'name' | 'type' | 'plan' | 'source' | 'startedAt' | 'committedAt' | 'rows' | 'proofs' | 'hold'
  > & { readonly collections: readonly Pick<Backup['collections'][number], 'database' | 'collection'>[] };
  /** The backups whose chunks it borrows. */
  readonly refs: readonly string[];
}

export interface Decision {
  readonly id: string;
  readonly keep: boolean;
  /** Why, for people: each reason to keep it. */
  readonly reason: string;
}

export interface RetentionPlan {
  /** One for each candidate, in their order. */
  readonly decisions: readonly Decision[];
  readonly guarded: readonly Guarded[];
}

/** Clocks of two machines differ by less. */
const CLOCK_TOLERANCE = 10 * 60 * 1000;
/** A group of fewer is too small for the guard to say what is usual. */
const GUARDED_FROM = 4;
const GUARDED_SHARE = 0.5;

interface Group {
  readonly members: readonly Candidate[];
  readonly rule: RetentionRule | null;
}

/**
 * What stays and what goes, with the reasons for each: a pure function, so that a dry run is the same code.
 *
 * A backup goes only when no rule of its plan keeps it, and a newer good one of the same source and plan stays. Never
 * goes: the newest good backup and the newest good full, the newest good one that has rows and the newest with more than
 * twice the rows of the newest of all (a source that lost its rows does not push them out), one on hold, one that a
 * staying backup borrows from, one without a rule, and one whose time lies in the future. Where more than half of at least four would go at once, all of that plan stay unless `force` is set.
 */
export function decideRetention(
  candidates: readonly Candidate[],
  rules: readonly RetentionRule[],
  options: { readonly now: number; readonly force: boolean },
): RetentionPlan {
  const decided = new Map<string, Decision>();
  const groups = groupsOf(candidates, rules);
  for (const group of groups) for (const one of decideGroup(group, options.now)) decided.set(one.id, one);
  keepBases(candidates, decided);
  const guarded = options.force ? [] : groups.flatMap((group) => guard(group, decided));
  if (guarded.length > 0) keepBases(candidates, decided);
  return { decisions: candidates.flatMap(({ backup }) => decided.get(backup.id) ?? []), guarded };
}

/** Backups of one source and plan; those taken by hand are a group of their own. Newest first. */
function groupsOf(candidates: readonly Candidate[], rules: readonly RetentionRule[]): Group[] {
  const byGroup = new Map<string, Candidate[]>();
  for (const one of candidates) {
    const key = JSON.stringify([one.backup.source.id, one.backup.plan]);
    const group = byGroup.get(key);
    if (group === undefined) byGroup.set(key, [one]);
    else group.push(one);
  }
  return [...byGroup.values()].map((members) => ({ members: members.sort(newestFirst), rule: ruleOf(members, rules) }));
}

const newestFirst = (a: Candidate, b: Candidate): number =>
  b.backup.committedAt - a.backup.committedAt || (a.backup.id < b.backup.id ? 1 : -1);

function ruleOf(group: readonly Candidate[], rules: readonly RetentionRule[]): RetentionRule | null {
  const first = group[0]?.backup;
  return rules.find((rule) => rule.sourceId === first?.source.id && rule.plan === first.plan) ?? null;
}

function decideGroup({ members, rule }: Group, now: number): Decision[] {
  if (rule === null) return members.map(({ backup }) => keep(backup.id, 'no rule speaks of it'));
  const suspect = ({ backup }: Candidate): boolean =>
    backup.committedAt > now + CLOCK_TOLERANCE || backup.startedAt > backup.committedAt + CLOCK_TOLERANCE;
  const good = members.filter((one) => !suspect(one) && isGood(one.backup.proofs));
  const safe = neverGo(good);
  const kept = keptByRules(rule.policy, rule.timeZone, { group: members, good }, now);
  return members.map((one): Decision => {
    const { id, hold } = one.backup;
    const reasons = [...(safe.get(id) ?? []), ...(kept.get(id) ?? [])];
    if (hold !== undefined) reasons.unshift(hold.reason === null ? 'on hold' : `on hold: ${hold.reason}`);
    if (suspect(one)) reasons.unshift('its time cannot be right, so it is not judged by age');
    if (reasons.length === 0 && !isReplaced(one, good)) {
      reasons.push(good.length === 0 ? 'there is no good backup to take its place' : 'there is no newer good backup');
    }
    if (reasons.length > 0) return keep(id, reasons.join(', '));
    return { id, keep: false, reason: goneBecause(rule) };
  });
}

/** What stays whatever the rules say. `good` is newest first. */
function neverGo(good: readonly Candidate[]): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  const add = (one: Candidate | undefined, reason: string): void => {
    if (one === undefined) return;
    const known = reasons.get(one.backup.id) ?? [];
    // The newest of all is also the newest of its kind: once is enough.
    if (known.length === 0) reasons.set(one.backup.id, [reason]);
  };
  add(good[0], 'the newest good backup');
  add(
    good.find(({ backup }) => backup.type === 'full'),
    'the newest good full backup',
  );
  add(
    good.find(({ backup }) => backup.rows > 0),
    'the newest good backup that has rows',
  );
  const rows = good[0]?.backup.rows ?? 0;
  add(
    good.find(({ backup }) => backup.rows > 2 * rows),
    'the newest with more than twice the rows of the newest of all',
  );
  return reasons;
}

/** A newer good backup holds all that this one holds; a good one is replaced by any newer one of its plan. */
function isReplaced(one: Candidate, good: readonly Candidate[]): boolean {
  const newer = good.filter((other) => newestFirst(other, one) < 0);
  if (isGood(one.backup.proofs)) return newer.length > 0;
  return newer.some((other) => {
    const held = new Set(other.backup.collections.map(nameOf));
    return one.backup.collections.every((collection) => held.has(nameOf(collection)));
  });
}

const nameOf = (one: { readonly database: string; readonly collection: string }): string =>
  JSON.stringify([one.database, one.collection]);

const goneBecause = ({ policy }: RetentionRule): string => {
  const rules = Object.keys(policy).filter((key) => key !== 'minGood');
  return rules.length === 1 && policy.days !== undefined
    ? `older than ${policy.days} days`
    : 'no rule of its plan keeps it';
};

const keep = (id: string, reason: string): Decision => ({ id, keep: true, reason });

/** Nobody wants most of their backups gone in one night: a wrong clock or a slip in the rules looks just like that. */
function guard({ members }: Group, decided: Map<string, Decision>): Guarded[] {
  const going = members.filter(({ backup }) => decided.get(backup.id)?.keep === false);
  const [first] = members;
  if (first === undefined || members.length < GUARDED_FROM || going.length <= members.length * GUARDED_SHARE) return [];
  for (const { backup } of going) {
    const { reason = '' } = decided.get(backup.id) ?? {};
    const many = `${going.length} of ${members.length} would go at once`;
    decided.set(backup.id, keep(backup.id, `${many}, which a person must confirm (it is ${reason})`));
  }
  const { source, plan } = first.backup;
  return [{ sourceId: source.id, plan, wouldGo: going.length, of: members.length }];
}

/** What a staying backup borrows from stays, and so on down the chain. */
function keepBases(candidates: readonly Candidate[], decided: Map<string, Decision>): void {
  const byId = new Map(candidates.map((one) => [one.backup.id, one]));
  const queue = candidates.filter((one) => decided.get(one.backup.id)?.keep === true);
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    for (const ref of one.refs) {
      const base = byId.get(ref);
      if (base === undefined || decided.get(ref)?.keep === true) continue;
      decided.set(ref, keep(ref, `${one.backup.name} needs it`));
      queue.push(base);
    }
  }
}
