import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recorder } from './recorder.ts';

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
