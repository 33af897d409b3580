import { describe, expect, test } from 'vitest';
import { recorder } from './recorder.ts';
import { backup, damaged, drilled, failedRun, probed, repository, run, unread, unsafe, verified } from './samples.ts';

test('a list that is not whole says so with its exit code', async () => {
  const { type } = recorder({ survey: () => Promise.resolve({ backups: [backup], unread }) });
  const said = await type('backup list');
  expect(said.code).toBe(1);
  expect(said.out).toContain('Repository offsite could not be read');
});

describe('backup create', () => {
  const request = async (line: string): Promise<unknown> => {
    const { asked, type } = recorder();
    expect((await type(line)).code).toBe(0);
    return asked[0]?.[2];
  };

  test('asks for a full backup of what is configured when nothing is said', async () => {
    expect(await request('backup create')).toEqual({
      type: 'full',
      engine: 'auto',
      base: 'last',
      consistency: 'fuzzy',
      verify: 2,
    });
  });

  test('has the fixed spellings', async () => {
    const line =
      'backup create --source 127.0.0.1:19530 --repo main --collections a,b --collections sales.c --type incremental --engine rows --base full --consistency proved-still --verify none --wait --json';
    expect(await request(line)).toEqual({
      source: '127.0.0.1:19530',
      repository: 'main',
      collections: ['a', 'b', 'sales.c'],
      type: 'incremental',
      engine: 'rows',
      base: 'full',
      consistency: 'proved-still',
      verify: null,
    });
  });

  test('takes common options before its name too', async () => {
    const { opened, type } = recorder();
    const said = await type('--local --repo /b --json backup create --source a:1');
    expect(said.json()).toMatchObject({ id: backup.id });
    expect(opened[0]).toMatchObject({ local: true, repo: '/b', json: true, sources: ['a:1'], createRepository: true });
  });

  test('prints the id of the run alone unless told to wait', async () => {
    expect((await recorder().type('backup create')).out).toBe(`${run.id}\n`);
    expect((await recorder().type('backup create --json')).json()).toEqual({ run: run.id, state: 'queued' });
  });

  test('a folder is meant as seen from where the command was typed', async () => {
    for (const [typed, sent] of [
      ['/b/c', '/b/c'],
      ['main', 'main'],
    ]) {
      expect(await request(`backup create --repo ${typed ?? ''}`)).toMatchObject({ repository: sent });
    }
    expect(await request('backup create --repo ./b')).toMatchObject({ repository: `/home/somebody/b` });
  });

  test('a run that fails is its error, with the run named and exit code 1', async () => {
    const { asked, type } = recorder({ wait: () => Promise.resolve(failedRun) });
    const said = await type('backup create --wait --json');
    expect(said).toMatchObject({ code: 1, err: '' });
    expect(said.json()).toEqual({ error: { ...failedRun.error, details: { run: failedRun.id } } });
    expect(asked.at(-1)).toEqual(['close']);
  });

  test('a run that ended in no other way than well is no success', async () => {
    for (const state of ['cancelled', 'skipped', 'failed'] as const) {
      const { type } = recorder({ wait: () => Promise.resolve({ ...run, state, result: null }) });
      expect((await type('backup create --wait')).code).toBe(1);
    }
  });
});

describe('exit codes tell what was found', () => {
  const ended = (result: object) => ({ wait: () => Promise.resolve({ ...run, result: { ...result } }) });

  test.each([
    ['a check that found nothing', 'backup verify x --level 3', verified, 0],
    ['damage', 'backup verify x', damaged, 1],
    ['a check that could not read', 'backup verify x', { ...verified, result: 'unknown' }, 1],
    ['a drill that went well', 'drill x', drilled, 0],
    ['a drill as a check of level 4', 'backup verify x --level 4', drilled, 0],
    ['a drill that failed', 'drill x', { ...drilled, result: 'failed' }, 1],
    ['a whole restore', 'restore x --to a:1', drilled, 0],
    [
      'a restore with other rows',
      'restore x --to a:1',
      { ...drilled, collections: [{ ...drilled.collections[0], rowsRestored: 1 }] },
      1,
    ],
    [
      'a clean-up',
      'prune',
      { removed: [], kept: [], failed: [], abandoned: [], guarded: [], orphans: 0, dryRun: false },
      0,
    ],
    [
      'a clean-up that failed in part',
      'prune',
      {
        removed: [],
        kept: [],
        failed: [{ id: 'a', message: 'b' }],
        abandoned: [],
        guarded: [],
        orphans: 0,
        dryRun: false,
      },
      1,
    ],
  ])('%s', async (_what, line, result, code) => {
    expect((await recorder(ended(result)).type(line)).code).toBe(code);
    const json = await recorder(ended(result)).type(`${line} --json`);
    expect(json).toMatchObject({ code, err: '' });
    expect(json.json()).toEqual(result);
  });

  test('a check of all goes on after one that failed, and tells it', async () => {
    let asked = 0;
    const { type } = recorder({
      backups: () => Promise.resolve([backup, { ...backup, id: failedRun.id }]),
      wait: () => Promise.resolve(asked++ === 0 ? failedRun : { ...run, result: { ...verified } }),
    });
    const said = await type('repo check --level 1 --json');
    expect(said.code).toBe(1);
    expect(said.json()).toMatchObject({
      result: 'unknown',
      total: 2,
      checked: [
        { result: 'unknown', error: { code: 'COLLECTION_NOT_FOUND' } },
        { result: 'ok', error: null },
      ],
    });
  });
});

test('a damaged record of the repository is damage, although no listed backup has any', async () => {
  const hidden = { ...repository, damages: damaged.damages.slice(1) };
  const { type } = recorder({ backups: () => Promise.resolve([]), repository: () => Promise.resolve(hidden) });
  expect(await type('repo check')).toMatchObject({ code: 1 });
  expect((await type('repo check --json')).json()).toMatchObject({ result: 'damaged', total: 0 });
  expect(await type('repo scan')).toMatchObject({ code: 1 });
});

describe('restore', () => {
  test('says what is to be restored, where, and under which names', async () => {
    const { asked, type } = recorder();
    await type(
      'restore x --to b:1 --rename a=b,c=d --rename e=f --collections a,c --partitions p --aliases --no-wait --repo r',
    );
    expect(asked[0]).toEqual([
      'start',
      'restore',
      {
        backup: 'x',
        repository: 'r',
        target: 'b:1',
        collections: ['a', 'c'],
        partitions: ['p'],
        suffix: null,
        rename: { a: 'b', c: 'd', e: 'f' },
        aliases: true,
        salvage: false,
      },
    ]);
  });
});

describe('repo probe', () => {
  test('asks for the one configured, or the one named, and ends with 1 where a promise is broken', async () => {
    const { asked, type } = recorder();
    expect((await type('repo probe --json')).json()).toEqual(probed);
    expect((await type('repo probe --repo s3://bucket/x/')).code).toBe(0);
    expect((await type('repo probe --repo ./x')).code).toBe(0);
    expect(asked.filter(([name]) => name === 'probeRepository')).toEqual([
      ['probeRepository', undefined],
      ['probeRepository', 's3://bucket/x'],
      ['probeRepository', '/home/somebody/x'],
    ]);
    const broken = recorder({ probeRepository: () => Promise.resolve(unsafe) });
    expect(await broken.type('repo probe')).toMatchObject({ code: 1, err: '' });
  });
});

describe('run, plan and delete', () => {
  test('runs are asked for by kind, state and plan, in pages', async () => {
    const { asked, type } = recorder();
    await type('run list --kind drill --state failed --plan p --limit 5 --offset 10');
    expect(asked[0]).toEqual(['runs', { kind: 'drill', state: 'failed', plan: 'p', limit: 5, offset: 10 }]);
  });

  test('a plan is run as it says, or with a type', async () => {
    const { asked, type } = recorder();
    await type('plan run nightly');
    await type('plan run nightly --type full');
    expect(asked.filter(([name]) => name === 'runPlan')).toEqual([
      ['runPlan', 'nightly', undefined],
      ['runPlan', 'nightly', 'full'],
    ]);
  });

  test('logs are printed line by line', async () => {
    expect((await recorder().type('run logs x')).out).toBe('a\nb\n');
  });

  test('a delete asks on a terminal, and only there', async () => {
    const { asked, type } = recorder();
    expect((await type('backup delete x --json')).json()).toEqual({ id: backup.id, name: backup.name, removed: true });
    expect(asked).toContainEqual(['removeBackup', backup.id, 'main']);
  });
});

describe('tokens and the audit log', () => {
  test('a made token stands alone on standard output, and what it is beside it', async () => {
    const { asked, type } = recorder();
    const said = await type('token create grafana --role viewer --days 30');
    expect(said).toMatchObject({ code: 0, out: 'mv_shown-once\n' });
    expect(said.err).toContain('not shown again');
    expect(said.err).not.toContain('mv_');
    const [, request] = asked[0] ?? [];
    expect(request).toMatchObject({ name: 'grafana', role: 'viewer' });
    const { expiresAt } = request as { expiresAt: number };
    expect(Math.round((expiresAt - Date.now()) / 3_600_000)).toBe(30 * 24);
    expect((await type('token create grafana --role viewer --json')).json()).toMatchObject({ secret: 'mv_shown-once' });
    expect(asked.findLast(([name]) => name === 'makeToken')).toEqual([
      'makeToken',
      { name: 'grafana', role: 'viewer', expiresAt: null },
    ]);
  });

  test.each(['token create x', 'token create x --role root', 'token create x --role admin --days 0'])(
    '%s is refused before anything is asked',
    async (line) => {
      const { asked, type } = recorder();
      expect((await type(line)).code).toBe(2);
      expect(asked).toEqual([]);
    },
  );

  test('a token is revoked by its name', async () => {
    const { asked, type } = recorder();
    expect((await type('token revoke grafana --json')).json()).toEqual({ name: 'grafana', revoked: true });
    expect(asked[0]).toEqual(['revokeToken', 'grafana']);
  });

  test('the audit log is read page by page', async () => {
    const { asked, type } = recorder();
    const page = (await type('audit --limit 2 --json')).json<{ next: string }>();
    await type(`audit --limit 2 --before ${page.next}`);
    expect(asked.filter(([name]) => name === 'audit')).toEqual([
      ['audit', { limit: 2 }],
      ['audit', { limit: 2, before: '2-0' }],
    ]);
  });
});
