import { fail } from '@milvault/shared';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../apps/cli/src/backend.ts';
import type { OpenOptions } from '../../../apps/cli/src/cli.ts';
import { milvault, type Said } from '../../support/cli.ts';
import { backup, damaged, drilled, failedRun, probed, repository, run, unread, unsafe, verified } from './samples.ts';

type Asked = [string, ...unknown[]];

/** Says which calls a command made of the one port that it knows. */
function recorder(answers: Partial<Backend> = {}) {
  const asked: Asked[] = [];
  const opened: OpenOptions[] = [];
  const note =
    <T>(name: string, result: T) =>
    (...args: unknown[]): Promise<T> => {
      asked.push([name, ...args]);
      return Promise.resolve(result);
    };
  const backend: Backend = {
    start: note('start', { ...run, state: 'queued' as const }),
    run: note('run', run),
    runs: note('runs', { runs: [run], total: 1 }),
    logs: note('logs', ['a', 'b']),
    cancel: note('cancel', run),
    wait: () => Promise.resolve(run),
    backups: note('backups', [backup]),
    survey: note('survey', { backups: [backup], unread: [] }),
    backup: note('backup', backup),
    removeBackup: note('removeBackup', undefined),
    inspect: () => Promise.reject(fail('SOURCE_NOT_FOUND')),
    repository: () => Promise.resolve(repository),
    initRepository: () => Promise.reject(fail('REPO_NOT_A_REPOSITORY')),
    probeRepository: note('probeRepository', probed),
    openExport: () => Promise.reject(fail('BACKUP_NOT_FOUND')),
    plans: note('plans', []),
    runPlan: note('runPlan', run),
    close: note('close', undefined),
    ...answers,
  };
  const type = (line: string | readonly string[], folder = '/home/somebody'): Promise<Said> =>
    milvault(typeof line === 'string' ? line.split(' ') : line, {
      folder,
      open: (options) => {
        opened.push(options);
        return Promise.resolve(backend);
      },
    });
  return { asked, opened, type };
}

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
    ['a clean-up', 'prune', { removed: [], kept: [], failed: [], abandoned: [], orphans: 0, dryRun: false }, 0],
    [
      'a clean-up that failed in part',
      'prune',
      { removed: [], kept: [], failed: [{ id: 'a', message: 'b' }], abandoned: [], orphans: 0, dryRun: false },
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

describe('a wrong line is told before anything is tried', () => {
  test.each([
    ['', 'REQUEST_INVALID', 'backup, restore'],
    ['backup', 'REQUEST_INVALID', 'create, list'],
    ['bakcup list', 'REQUEST_INVALID', 'Did you mean backup?'],
    ['backup crate', 'REQUEST_INVALID', 'Did you mean create?'],
    ['backup create --sorce a', 'OPTION_UNSUPPORTED', 'Did you mean --source?'],
    ['backup create extra', 'REQUEST_INVALID', 'too many arguments'],
    ['backup create --type partial', 'REQUEST_INVALID', 'Allowed choices are full, incremental'],
    ['backup create --engine columns', 'REQUEST_INVALID', 'Allowed choices are auto, rows, segments'],
    ['backup create --collections ,', 'REQUEST_INVALID', 'at least one collection'],
    ['backup create --collections ../a', 'NAME_INVALID', 'a name with a slash'],
    ['backup verify', 'REQUEST_INVALID', "missing required argument 'backup'"],
    ['backup verify x --level 5', 'REQUEST_INVALID', 'Allowed choices are 0, 1, 2, 3, 4'],
    ['backup verify ..', 'NAME_INVALID', '`..`'],
    ['backup show .', 'NAME_INVALID', 'an id or a name'],
    ['run show a/b', 'NAME_INVALID', 'a slash'],
    ['restore x', 'REQUEST_INVALID', "required option '--to <name|address>' not specified"],
    ['restore x --to a:1 --suffix s --rename a=b', 'REQUEST_INVALID', 'cannot be used with'],
    ['restore x --to a:1 --rename a', 'REQUEST_INVALID', 'Expected old=new'],
    ['restore x --to a:1 --rename a=b=c', 'REQUEST_INVALID', 'Expected old=new'],
    ['restore x --to a:1 --rename a=b,a=c', 'REQUEST_INVALID', 'a is renamed twice'],
    ['restore x --to a:1 --suffix /s', 'NAME_INVALID', 'a slash'],
    ['run list --limit 0', 'REQUEST_INVALID', 'from 1 to 500'],
    ['run list --limit 1e3', 'REQUEST_INVALID', 'from 1 to 500'],
    ['run list --local', 'OPTION_UNSUPPORTED', '--local'],
    ['--repo a plan list', 'OPTION_UNSUPPORTED', '--repo'],
    ['backup list --repo s3://key:hunter2@bucket/x', 'NAME_INVALID', 's3://bucket/prefix'],
    ['repo init', 'REQUEST_INVALID', '--repo with a name, a folder or s3://bucket/prefix'],
  ])('milvault %s', async (line, code, told) => {
    const words = line === '' ? [] : line.split(' ');
    const { asked, type } = recorder();
    const plain = await type(words);
    expect(plain).toMatchObject({ code: 2, out: '' });
    expect(plain.err).toMatch(new RegExp(`^error .* \\(${code}\\)\\n`));
    expect(plain.err).toContain(told);
    expect(plain.err).toMatch(/\n {2}next: \S.*\n$/);
    const json = await type([...words, '--json']);
    expect(json).toMatchObject({ code: 2, err: '' });
    expect(json.json()).toMatchObject({ error: { code, message: expect.any(String), next: expect.any(String) } });
    expect(asked.filter(([name]) => name !== 'close')).toEqual([]);
  });

  test('whatever is typed: one answer, a known exit code, and nothing asked for that was not understood', async () => {
    const word = fc.oneof(
      fc.constantFrom('backup', 'create', 'list', 'restore', '--json', '--to', '--rename', '--level', '--', '-x', '='),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (words) => {
        const said = await recorder().type(words);
        expect([0, 1, 2]).toContain(said.code);
        if (said.code === 2 && words.includes('--json')) expect(said.json()).toHaveProperty('error.code');
      }),
      { numRuns: 200 },
    );
  });
});

test('help and version are answers: standard output and exit code 0', async () => {
  for (const line of ['--help', 'backup --help', 'backup create --help', '--version']) {
    const said = await recorder().type(line);
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out.length).toBeGreaterThan(4);
  }
});
