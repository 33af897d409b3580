import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupOf, composeAdapters, createLocalService } from '@milvault/jobs';
import { silentLogger, type Clock } from '@milvault/shared';
import { readYes } from '../../../packages/engines/src/tool/answer.ts';
import { callTool } from '../../../packages/engines/src/tool/call.ts';
import { until } from '../../support/jobs/redis-house.ts';
import { DAY, nameAt, officialStage, outcomeOf, patience, type OfficialStage } from '../../support/official-stage.ts';

describe('traps of the official milvus-backup server, and our answers', () => {
  let at: OfficialStage;
  beforeAll(async () => {
    at = await officialStage();
  }, 200_000);
  afterAll(() => at.close());

  it('a name that a failed backup blocks is not freed by delete; the next name is taken, and told', async () => {
    // Held at one second, so that the name is known before.
    const when = Date.now() + 20 * DAY;
    const clock: Clock = { ...at.clock, now: () => when };
    const adapters = composeAdapters(at.config, { clock, logger: silentLogger });
    const other = createLocalService(at.config, { clock, adapters });
    const name = nameAt(when);
    await mkdir(path.join(at.server.store, name, 'binlogs'), { recursive: true });
    expect((await at.raw('DELETE', `/delete?backup_name=${name}`)).text).toContain('"code":3');
    expect((await at.raw('POST', '/create', { backup_name: name })).text).toMatch(/exist/);
    const { id } = await other.start('backup', backupOf(at.plan, 'full'), { trigger: 't', plan: null });
    const backup = outcomeOf(await other.wait(id, patience()));
    expect(backup.tool?.name).toBe(`${name}_2`);
    expect(backup.name).toBe(name);
    expect(backup.warnings).toContainEqual(
      expect.objectContaining({ code: 'TOOL_LEFTOVERS', message: expect.stringContaining(name) }),
    );
    await other.close();
  }, 300_000);

  it('states are gone after a restart, and an unknown name is answered by an empty success', async () => {
    const backup = await at.take();
    await at.server.restart();
    const unknown = await at.raw('GET', `/get_backup?backup_name=${backup.tool?.name}`);
    expect(unknown).toMatchObject({ status: 200, text: expect.stringContaining('"msg":"success"') });
    expect(unknown.text).not.toContain(backup.tool?.name);
    expect((await at.run('verify', { repository: 'backups', backup: backup.id, level: 2 })).result).toMatchObject({
      result: 'ok',
      level: 0,
    });
  }, 300_000);

  it('a filter on old names restores nothing and is called a success; ours picks before renaming', async () => {
    const backup = await at.take();
    const [one] = at.shapes;
    const body = {
      id: `${at.prefix}trap`,
      backup_name: backup.tool?.name,
      collection_suffix: '_trap',
      db_collections_after_rename: { default: [one?.collection] },
    };
    expect((await at.raw('POST', '/restore', body)).text).toContain('"state_code":2');
    const client = at.adapters.connect(at.adapters.source('milvus'));
    expect(await client.hasCollection({ database: 'default', collection: `${one?.collection}_trap` })).toBe(false);
    client.close();
    const restored = await at.run('restore', { ...at.restoreOf(backup.id, '_one'), collections: [one!.collection] });
    expect(restored.result).toMatchObject({ collections: [{ targetCollection: `${one?.collection}_one` }] });
  }, 300_000);

  it('a good answer has no code at all, and its 64-bit numbers reach us digit by digit', async () => {
    const name = `${at.prefix}digits`;
    const made = await at.raw('POST', '/create', { backup_name: name, collection_names: [at.shapes[0]?.collection] });
    expect(made.text).toContain('"msg":"success"');
    expect(made.text).not.toContain('"code"');
    const brief = await at.raw('GET', `/get_backup?backup_name=${name}`);
    const ids = [...brief.text.matchAll(/"(?:collection_id|backup_timestamp)":"?(\d+)/g)].map(([, digits]) => digits!);
    expect(ids.length).toBeGreaterThan(0);
    // Each is past what a double holds: a plain JSON.parse gives another number.
    expect(ids.some((digits) => String(Number(digits)) !== digits)).toBe(true);
    const call = { api: at.server.api, method: 'GET', path: '/get_backup', query: { backup_name: name } } as const;
    const { data } = readYes(call, await callTool({ ...call, timeoutMs: 10_000, signal: patience() }));
    const [collection] = (data as { collection_backups: { collection_id: unknown }[] }).collection_backups;
    expect(ids).toContain(String(collection?.collection_id));
  }, 300_000);

  it('a create under a name that is taken is a bare 500, or never ends; ours takes another name', async () => {
    const backup = await at.take();
    const name = backup.tool?.name;
    expect(await at.raw('POST', '/create', { backup_name: name })).toMatchObject({ status: 500 });
    // In its storage alone: a name that this process of the server knows is refused in words.
    const stored = `${at.prefix}stored`;
    await mkdir(path.join(at.server.store, stored, 'binlogs'), { recursive: true });
    const hanging = { backup_name: stored, async: true };
    const started = await at.raw('POST', '/create', hanging, { request_id: `${at.prefix}hangs` });
    expect(started.text).toContain('executing asynchronously');
    const states = new Set<string>();
    await until(
      async () => {
        const { text } = await at.raw('GET', `/get_backup?backup_id=${at.prefix}hangs`);
        states.add(/"state_code":\d/.exec(text)?.[0] ?? text);
        return states.size;
      },
      // A backup of these takes less: it is the server that never says that it failed.
      (
        (looks) => () =>
          (looks += 1) > 80
      )(0),
    );
    expect([...states]).toEqual(['"state_code":0']);
    expect((await at.take()).tool?.name).not.toBe(name);
  }, 300_000);

  it('a restore goes on when its caller has gone; ours, cancelled, waits for its end and leaves nothing', async () => {
    const backup = await at.take();
    const client = at.adapters.connect(at.adapters.source('milvus'));
    const made = (suffix: string) =>
      client.hasCollection({ database: 'default', collection: `${at.shapes[0]?.collection}${suffix}` });
    const id = `${at.prefix}gone`;
    const gone = new AbortController();
    const asked = fetch(`${at.server.api}/restore`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, backup_name: backup.tool?.name, collection_suffix: '_gone' }),
      signal: gone.signal,
    });
    await until(() => made('_gone'), Boolean);
    gone.abort();
    await expect(asked).rejects.toThrow('abort');
    const state = async () => /"state_code":\d/.exec((await at.raw('GET', `/get_restore?id=${id}`)).text)?.[0];
    expect(await state()).toBe('"state_code":1');
    expect(await until(state, (seen) => seen !== '"state_code":1')).toBe('"state_code":2');

    const ours = await at.start('restore', at.restoreOf(backup.id, '_cancelled'));
    await until(() => made('_cancelled'), Boolean);
    await at.service.cancel(ours.id);
    expect(await at.service.wait(ours.id, patience())).toMatchObject({ state: 'cancelled' });
    expect(await made('_cancelled')).toBe(false);
    client.close();
  }, 300_000);
});
