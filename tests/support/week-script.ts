/**
 * A scheduler as it was written for the original's tool: fulls weekly, incrementals daily on the newest full, verify after
 * each, and each morning the deletion of what is older than it keeps. It knows nothing of milvault.
 */
export interface ScriptRecord {
  readonly name: string;
  readonly type: 'full' | 'incremental';
  /** Day of the simulated calendar. */
  readonly day: number;
  readonly entities: number;
  readonly size: number;
}

export interface WeekScript {
  readonly records: ScriptRecord[];
  readonly alerts: string[];
  /** What one simulated day does, in the original's order. */
  day(number: number): Promise<void>;
}

const FIRST_DAY = Date.UTC(2026, 0, 4);
const DAY = 24 * 60 * 60 * 1000;

export function weekScript(api: string, collections: readonly string[], retentionDays: number): WeekScript {
  const records: ScriptRecord[] = [];
  const alerts: string[] = [];

  async function call(method: string, path: string, body: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${api}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = (await answer.json()) as { code: number; message?: string; data?: Record<string, unknown> };
    if (!answer.ok || said.code !== 0) throw new Error(`HTTP ${answer.status}, code ${said.code}: ${said.message}`);
    return said.data ?? {};
  }

  const name = (kind: string, day: number, time: string): string =>
    `${kind}_${new Date(FIRST_DAY + day * DAY).toISOString().slice(0, 10).replaceAll('-', '')}_${time}`;

  async function backup(type: ScriptRecord['type'], day: number): Promise<void> {
    const base = records.findLast((one) => one.type === 'full');
    const incremental = type === 'incremental' && base !== undefined;
    const backup_name = name(type === 'full' ? 'full' : 'incr', day, type === 'full' ? '020000' : '033000');
    try {
      const made = await call('POST', '/backup/create', {
        backup_name,
        collections,
        compression: true,
        ...(incremental ? { base_backup: base.name, incremental: true } : {}),
      });
      const { is_valid } = await call('POST', '/backup/verify', { backup_name });
      if (is_valid !== true) throw new Error('not valid');
      const [entities, size] = [Number(made['total_entities']), Number(made['backup_size'])];
      records.push({ name: backup_name, type, day, entities, size });
    } catch (error) {
      alerts.push(`${backup_name}: ${String(error)}`);
    }
  }

  async function cleanup(day: number): Promise<void> {
    for (const old of records.filter((one) => day - one.day > retentionDays)) {
      try {
        await call('DELETE', '/backup/delete', { backup_name: old.name });
        records.splice(records.indexOf(old), 1);
      } catch (error) {
        alerts.push(`${old.name}: ${String(error)}`);
      }
    }
  }

  return {
    records,
    alerts,
    day: async (number) => {
      if (number % 7 === 0) await backup('full', number);
      await cleanup(number);
      await backup('incremental', number);
    },
  };
}
