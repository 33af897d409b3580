import type { Dice } from './dice.ts';

/** What people and schedules ask for, over the API: an answer that was lost, or a no, is as good as none here. */
export interface Acts {
  /** Something at random. */
  act(): Promise<void>;
  /** Ids of all runs that the API said it would do. */
  readonly accepted: ReadonlySet<string>;
  /** Ids of all backups whose deletion was asked for, whatever was answered. */
  readonly deleted: ReadonlySet<string>;
}

export interface ActsCase {
  readonly api: string;
  readonly dice: Dice;
  readonly collections: readonly string[];
  /** Plans whose backups can only fail: each is run once. */
  readonly doomed: readonly string[];
  /** Of the collections that restores make. */
  readonly suffix: string;
}

export function createActs({ api, dice, collections, doomed, suffix }: ActsCase): Acts {
  const accepted = new Set<string>();
  const deleted = new Set<string>();
  const left = [...doomed];
  let restores = 0;

  async function call(method: string, at: string, body?: object): Promise<unknown> {
    try {
      const sent =
        body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const answer = await fetch(`${api}/api/v1${at}`, { method, ...sent, signal: AbortSignal.timeout(20_000) });
      const said = (await answer.json()) as { id?: string };
      if (answer.status === 202 && said.id !== undefined) accepted.add(said.id);
      return answer.ok ? said : null;
    } catch {
      return null; // The API was killed: nobody knows whether it did what was asked.
    }
  }

  const backups = async (): Promise<readonly { readonly id: string }[]> =>
    ((await call('GET', '/backups')) as { backups: { id: string }[] } | null)?.backups ?? [];
  const onBackup = async (ask: (id: string) => Promise<unknown>): Promise<void> => {
    const all = await backups();
    if (all.length > 0) await ask(dice.pick(all).id);
  };

  const backup = async (): Promise<void> => {
    const type = dice.pick(['full', 'incremental', 'incremental']);
    await call('POST', '/runs/backup', { collections: [dice.pick(collections)], type });
  };
  const doom = async (): Promise<void> => {
    const plan = left.at(-1);
    if (plan !== undefined && (await call('POST', `/plans/${plan}/run`, { type: 'full' })) !== null) left.pop();
  };
  const acts: readonly (() => Promise<void>)[] = [
    backup,
    backup,
    backup,
    doom,
    () => onBackup((id) => call('POST', `/backups/${id}/verify`, { level: 3 })),
    () =>
      onBackup((id) => {
        restores += 1;
        return call('POST', `/backups/${id}/restore`, { target: 'milvus', suffix: `${suffix}${String(restores)}` });
      }),
    () =>
      onBackup((id) => {
        deleted.add(id);
        return call('DELETE', `/backups/${id}`);
      }),
    async () => void (await call('POST', '/runs/cleanup', {})),
  ];
  return { accepted, deleted, act: () => dice.pick(acts)() };
}
