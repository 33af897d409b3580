import type { EngineContext } from '@milvault/engines';
import { isGood } from '@milvault/repository';
import { formatCount, isAtLeast, type Plan } from '@milvault/shared';
import type { Adapters } from '../adapters.ts';
import { ageFinding } from '../findings.ts';
import { newestGood } from '../newest-good.ts';
import { examinerOf, type Diagnosis, type Examiner } from './diagnosis.ts';

/** Whether a plan runs, of what it takes backups, and what became of them. */
export async function examinePlan(plan: Plan, adapters: Adapters, context: EngineContext): Promise<Diagnosis[]> {
  const say = examinerOf('plan', plan.name);
  const found: Diagnosis[] = [];
  for (const look of [lookAtSource, lookAtBackups]) {
    try {
      found.push(...(await look(plan, say, adapters, context)));
    } catch (thrown) {
      context.signal.throwIfAborted();
      found.push(say.fault(thrown));
    }
  }
  return [...schedule(plan, say), ...found];
}

function schedule(plan: Plan, say: Examiner): Diagnosis[] {
  if (!plan.enabled) return [say.doubt('It is switched off', 'Set `enabled` of the plan to true')];
  if (plan.drill !== null) return [];
  const next = 'Give it `drill`, and room for one more copy in Milvus';
  return [say.doubt('None of its backups is ever tried by a restore', next)];
}

async function lookAtSource(
  plan: Plan,
  say: Examiner,
  { engines, source }: Adapters,
  context: EngineContext,
): Promise<Diagnosis[]> {
  const milvus = source(plan.source);
  const engine = await engines.choose('auto', milvus, context);
  const { collections, warnings } = await engine.inspect(milvus, plan.collections, context);
  const found = [say.ok(`It takes ${formatCount(collections.length)} collections by the engine ${engine.kind}`)];
  const unread = collections.filter(({ rows }) => rows === null).map(({ definition }) => definition.collection);
  if (engine.kind === 'rows' && unread.length > 0) {
    found.push(
      say.bad(
        `${unread.join(', ')} cannot be read: Milvus has not loaded them`,
        'Load them, or tell `storage` of the source, so that their files are copied',
      ),
    );
  }
  // What no backup of any Milvus holds (users, resource groups) is told by `inspect`, and mended by nobody here.
  const [first, ...more] = warnings.filter(
    ({ code, collection }) => collection !== undefined && code !== 'COLLECTION_NOT_LOADED',
  );
  if (first !== undefined) {
    const others = more.length === 0 ? '' : `, and ${formatCount(more.length)} more`;
    found.push(
      say.doubt(
        `Not all of ${String(first.collection)} is in its backups: ${first.code}${others}`,
        'See `milvault inspect`',
      ),
    );
  }
  if (!isAtLeast(engine.abilities.consistency, plan.consistency)) {
    found.push(
      say.bad(
        `It wants backups that are ${plan.consistency}, and the engine ${engine.kind} gives ${engine.abilities.consistency} at best`,
        'Accept a weaker label (`consistency` of the plan), or tell `storage` of the source',
      ),
    );
  }
  return found;
}

async function lookAtBackups(
  plan: Plan,
  say: Examiner,
  adapters: Adapters,
  { clock }: EngineContext,
): Promise<Diagnosis[]> {
  const own = (await (await adapters.repository(plan.repository)).list()).filter((one) => one.plan === plan.name);
  const damaged = own.filter(({ proofs }) => !isGood(proofs));
  const newest = newestGood(own);
  const found =
    newest === null
      ? damaged.length > 0
        ? []
        : [say.doubt('It has no good backup yet', `Take one: milvault plan run ${plan.name}`)]
      : [say.finding(ageFinding(plan, newest, clock.now(), 0))];
  if (damaged.length === 0) return found;
  const names = damaged.map(({ name }) => name).join(', ');
  return [
    ...found,
    say.bad(
      `Checks found damage in ${names}`,
      'Look at the disk; take a new full; what is left of a damaged one comes back by `milvault restore --salvage`',
    ),
  ];
}
