import type { HeldBackup } from '@milvault/engines';
import type { Repository } from '@milvault/repository';
import { fail, sourceIdOf, type Backup, type Config, type Plan } from '@milvault/shared';
import type { EngineContext } from '@milvault/engines';
import type { Adapters } from './adapters.ts';

/** What a tool holds, and which of our records is that backup; null: none. */
export interface HeldView extends HeldBackup {
  readonly backup: string | null;
}

/**
 * All that the tool of a plan's source holds, whoever made it. OPTION_UNSUPPORTED where the tool cannot tell, or where
 * milvault reads Milvus itself.
 */
export async function listHeld(adapters: Adapters, plan: Plan, context: EngineContext): Promise<HeldView[]> {
  const { held, repository } = await look(adapters, plan, context);
  const backups = await repository.list();
  return held.map((one) => ({ ...one, backup: backups.find(({ tool }) => isSame(one, tool))?.id ?? null }));
}

/**
 * Takes backups over that the tool held before: from here on they are listed, and the plan's retention judges them by the
 * age that their name tells, or else by that of their record. One that has a record already is given as it is.
 * BACKUP_NOT_FOUND for a name that the tool does not hold.
 */
export async function adoptHeld(
  adapters: Adapters,
  plan: Plan,
  names: readonly string[],
  context: EngineContext,
): Promise<Backup[]> {
  const { held, repository, api, engine, address } = await look(adapters, plan, context);
  const wanted = names.map((name) => held.find((one) => one.name === name) ?? notHeld(name, api));
  const adopted: Backup[] = [];
  for (const one of wanted) {
    const known = (await repository.list()).find(({ tool }) => isSame(one, tool));
    adopted.push(known ?? (await record(repository, one)));
  }
  return adopted;

  async function record(into: Repository, { name, key, bytes, serverVersion }: HeldBackup): Promise<Backup> {
    const draft = await into.begin({
      type: 'full',
      sourceId: sourceIdOf(address),
      sourceAddress: address,
      serverVersion: serverVersion ?? 'unknown',
      plan: plan.name,
      note: `Taken over from the tool at ${api}, which had it before`,
      name,
      startedAt: timeOf(name) ?? context.clock.now(),
    });
    const tool = { api, name, ...(key === null ? {} : { key }), adopted: true, rows: null, bytes, collections: [] };
    const nothing = { databases: [], collections: [], warnings: [] } as const;
    return into.commit(draft, { engine, consistency: 'fuzzy', ...nothing, tool });
  }
}

async function look(adapters: Adapters, plan: Plan, context: EngineContext) {
  const source = adapters.source(plan.source);
  const engine = await adapters.engines.choose(plan.engine, source, context);
  if (engine.tool === undefined || source.tool === undefined) {
    throw fail('OPTION_UNSUPPORTED', { what: `Backups of the plan ${plan.name} lie in its repository, not at a tool` });
  }
  const held = await engine.tool.list(source, context);
  const repository = await adapters.repository(plan.repository);
  return { held, repository, api: source.tool, engine: engine.kind, address: source.address };
}

const isSame = (held: HeldBackup, tool: Backup['tool']): boolean =>
  tool !== undefined && tool.name === held.name && (tool.key === undefined || tool.key === held.key);

const notHeld = (name: string, api: string): never => {
  throw fail('BACKUP_NOT_FOUND', {
    what: `The tool at ${api} holds no backup ${JSON.stringify(name)}`,
    next: 'List what it holds, and take names from there',
  });
};

/** When a backup was made, where its name tells: full_YYYYMMDD_HHMMSS, in UTC. Lists of tools tell no time. */
function timeOf(name: string): number | null {
  const parts = /(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})/.exec(name)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The plan of that name. PLAN_NOT_FOUND. */
export function planOf(config: Config, name: string): Plan {
  const plan = config.plans.find((one) => one.name === name);
  if (plan !== undefined) return plan;
  throw fail('PLAN_NOT_FOUND', { what: `There is no plan ${JSON.stringify(name)}` });
}
