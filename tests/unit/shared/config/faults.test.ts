import fc from 'fast-check';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { ConfigFile, hasCode, isMilvaultError, parseConfig, type Environment, type Fault } from '@milvault/shared';

/** The faults of a file, by path. */
function faultsOf(file: unknown, env: Environment = {}, name = 'milvault.json'): Record<string, Omit<Fault, 'path'>> {
  try {
    parseConfig(typeof file === 'string' ? file : JSON.stringify(file), { env, file: name });
  } catch (error) {
    if (!isMilvaultError(error) || error.code !== 'CONFIG_INVALID') throw error;
    const faults = error.details?.['faults'] as Fault[];
    for (const fault of faults) expect(error.message).toContain(`${fault.path}: expected ${fault.expected}, got`);
    return Object.fromEntries(faults.map(({ path, ...rest }) => [path, rest]));
  }
  return {};
}

const source = { name: 'prod', address: 'm:19530' };
const repository = { name: 'disk', place: '/b' };
const plan = { name: 'daily', source: 'prod', repository: 'disk', full: '02:00' };
const email = { kind: 'email', name: 'ops', from: 'a@b', to: ['c@d'], host: 'mail' };
const slack = { kind: 'slack', name: 'chat', webhook: 'https://hooks.slack.com/x' };
const whole = { sources: [source], repositories: [repository], plans: [plan], channels: [email, slack] };
/** The whole file with one thing changed. */
const with_ = {
  source: (more: object) => ({ ...whole, sources: [{ ...source, ...more }] }),
  repository: (more: object) => ({ ...whole, repositories: [{ ...repository, ...more }] }),
  plan: (more: object) => ({ ...whole, plans: [{ ...plan, ...more }] }),
  email: (more: object) => ({ ...whole, channels: [{ ...email, ...more }] }),
  slack: (more: object) => ({ ...whole, channels: [{ ...slack, ...more }] }),
};

test('the file that the other tests break is right', () => {
  expect(faultsOf(whole)).toEqual({});
});

test('all faults are told at once, those of the environment too', () => {
  const file = {
    ...whole,
    redis: 'http://x',
    api: { port: 70_000, hots: 'x' },
    plans: [{ ...plan, full: '25:61', source: 'prd', timeZone: 'Mars/Olympus' }, plan],
  };
  expect(Object.keys(faultsOf(file, { MILVAULT_PORT: 'x', MILVAULT_LOG_LEVEL: 'loud' })).sort()).toEqual(
    [
      'MILVAULT_LOG_LEVEL',
      'MILVAULT_PORT',
      'api.hots',
      'api.port',
      'plans[0].full',
      'plans[0].source',
      'plans[0].timeZone',
      'plans[1].name',
      'redis',
    ].sort(),
  );
});

test.each<[string, unknown, string, string]>([
  ['an impossible time', with_.plan({ full: '25:61' }), 'plans[0].full', '"25:61"'],
  ['a time with one digit', with_.plan({ full: '2:00' }), 'plans[0].full', '"2:00"'],
  ['four cron fields', with_.plan({ full: '0 2 * *' }), 'plans[0].full', '"0 2 * *"'],
  ['six cron fields', with_.plan({ full: '0 0 2 * * *' }), 'plans[0].full', '"0 0 2 * * *"'],
  ['a nickname for a cron', with_.plan({ drill: '@daily' }), 'plans[0].drill', '"@daily"'],
  ['a random cron field', with_.plan({ incremental: 'H 2 * * *' }), 'plans[0].incremental', '"H 2 * * *"'],
  ['a cron that never fires', with_.plan({ full: '0 2 30 2 *' }), 'plans[0].full', 'Invalid explicit day'],
  ['a cron out of range', { cleanup: '61 3 * * *' }, 'cleanup', 'Constraint error'],
  ['an unknown time zone', { timeZone: 'Mars' }, 'timeZone', '"Mars"'],
  ['an offset for a time zone', { timeZone: '+01:00' }, 'timeZone', '"+01:00"'],
  ['a name with dots', with_.slack({ name: '..' }), 'channels[0].name', '".."'],
  ['a name with a slash', with_.plan({ name: 'a/b' }), 'plans[0].name', '"a/b"'],
  ['a name with a control character', with_.plan({ name: 'a\u0007' }), 'plans[0].name', '"a\\u0007"'],
  ['a collection outside', with_.plan({ collections: ['../x'] }), 'plans[0].collections[0]', 'slash'],
  ['a collection with a line break', with_.plan({ collections: ['a\nb'] }), 'plans[0].collections[0]', 'control'],
  ['a collection with two dots', with_.plan({ collections: ['a.b.c'] }), 'plans[0].collections[0]', '"a.b.c"'],
  ['a collection with half a star', with_.plan({ collections: ['a*'] }), 'plans[0].collections[0]', '"a*"'],
  ['a database with a star', with_.plan({ collections: ['*.a'] }), 'plans[0].collections[0]', '"*.a"'],
  ['no collections', with_.plan({ collections: [] }), 'plans[0].collections', '[]'],
  ['an unknown engine', with_.plan({ engine: 'magic' }), 'plans[0].engine', '"magic"'],
  ['half a day', with_.plan({ retention: { days: 0.5 } }), 'plans[0].retention.days', '0.5'],
  ['no days', with_.plan({ retention: { days: 0 } }), 'plans[0].retention.days', '0'],
  ['a trial restore as a check', with_.plan({ verify: 4 }), 'plans[0].verify', '4'],
  ['an unknown source', with_.plan({ source: 'prdo' }), 'plans[0].source', '"prdo"'],
  ['an unknown repository', with_.plan({ repository: 'tape' }), 'plans[0].repository', '"tape"'],
  ['a plan that never runs', with_.plan({ full: undefined }), 'plans[0].full', 'neither'],
  ['two sources of one name', { ...whole, sources: [source, source] }, 'sources[1].name', 'as sources[0] has'],
  ['two channels of one name', { channels: [email, { ...slack, name: 'ops' }] }, 'channels[1].name', '"ops"'],
  [
    'two repositories in one folder',
    { repositories: [repository, { name: 'b', place: '/c/../b' }] },
    'repositories[1].place',
    'as repositories[0] has',
  ],
  ['a bucket as a folder', with_.repository({ place: 's3://b' }), 'repositories[0].place', '"s3://b"'],
  ['an unexpanded home', with_.repository({ place: '~/b' }), 'repositories[0].place', '"~/b"'],
  ['an empty folder', with_.repository({ place: ' ' }), 'repositories[0].place', '" "'],
  ['an address with a query', with_.source({ address: 'm:1?x' }), 'sources[0].address', '"m:1?x"'],
  ['an address without a host', with_.source({ address: ':19530' }), 'sources[0].address', '":19530"'],
  ['an impossible port', with_.source({ address: 'm:99999' }), 'sources[0].address', '"m:99999"'],
  ['a token and a user', with_.source({ token: 't', user: 'u', password: 'p' }), 'sources[0].token', 'both'],
  ['a user without a password', with_.source({ user: 'u' }), 'sources[0].password', 'nothing'],
  ['a password without a user', with_.email({ password: 'p' }), 'channels[0].user', 'nothing'],
  ['https without TLS', with_.source({ address: 'https://m', tls: false }), 'sources[0].tls', 'false'],
  ['no recipients', with_.email({ to: [] }), 'channels[0].to', '[]'],
  ['two addresses in one', with_.email({ to: ['a@b, c@d'] }), 'channels[0].to[0]', '"a@b, c@d"'],
  ['an address with a line break', with_.email({ from: 'a@b\r\nBcc: c@d' }), 'channels[0].from', '\\r\\n'],
  ['an address without a host', with_.email({ from: 'ops' }), 'channels[0].from', '"ops"'],
  ['a URL for a mail server', with_.email({ host: 'smtp://mail' }), 'channels[0].host', '"smtp://mail"'],
  ['a channel of no kind', with_.email({ kind: 'pigeon' }), 'channels[0].kind', '"pigeon"'],
  ['a text for a number', { api: { port: '8787' } }, 'api.port', '"8787"'],
  ['a text for an object', { api: 'x' }, 'api', 'a text'],
  ['an object for a list', { plans: {} }, 'plans', 'an object'],
  ['null for a text', { timeZone: null }, 'timeZone', 'null'],
  ['a missing key', { sources: [{ name: 'prod' }] }, 'sources[0].address', 'nothing'],
  ['an unheard-of log level', { log: { level: 'loud' } }, 'log.level', '"loud"'],
])('%s is told', (_what, file, path, got) => {
  const faults = faultsOf(file);
  expect(Object.keys(faults)).toEqual([path]);
  expect(faults[path]?.got).toContain(got);
  expect(faults[path]?.expected).not.toBe('');
});

test.each([
  [{ plan: [] }, 'plan', 'plans'],
  [{ api: { prot: 1 } }, 'api.prot', 'port'],
  [{ sources: [{ ...source, adress: 'x' }] }, 'sources[0].adress', 'address'],
  [{ ...whole, plans: [{ ...plan, max_age_hours: 1 }] }, 'plans[0].max_age_hours', 'maxAgeHours'],
])('a misspelt key of %j is told with the key that was meant', (file, path, meant) => {
  expect(faultsOf(file)[path]?.expected).toContain(`did you mean \`${meant}\`?`);
});

test('a key like no other is told with all that there are', () => {
  expect(faultsOf({ api: { xyzzy: 1 } })['api.xyzzy']?.expected).toBe(
    'one of the keys host, port, adminToken, boardWritable',
  );
});

test('keys that JavaScript gives to every object are unknown keys', () => {
  expect(Object.keys(faultsOf('{"__proto__": {"port": 1}, "constructor": 1}')).sort()).toEqual([
    '__proto__',
    'constructor',
  ]);
});

test('a key that stands twice is told with its line', () => {
  expect(faultsOf('{"timeZone": "UTC",\n"timeZone": "Asia/Tokyo"}')['(line 2)']?.got).toBe('a key twice');
  expect(faultsOf('log:\n  level: info\n  level: warn\n', {}, 'a.yaml')['(line 3)']?.got).toBe('a key twice');
});

test.each([
  ['http://hooks.example.org/x', 'http:// to another machine'],
  ['http://127.0.0.1.example.org/x', 'http:// to another machine'],
  ['http://169.254.169.254/latest', 'http:// to another machine'],
  ['ftp://hooks.example.org/x', 'a ftp: URL'],
  ['file:///etc/passwd', 'a file: URL'],
  ['https://user:pw@hooks.example.org/x', 'a URL with a user or password'],
  ['hooks.example.org', 'something that is not a URL'],
])('a webhook to %s is refused', (webhook, got) => {
  const faults = faultsOf(with_.slack({ webhook: webhook.startsWith('file:') ? 'env:HOOK' : webhook }), {
    HOOK: webhook,
  });
  expect(faults['channels[0].webhook']?.got).toBe(got);
});

test.each(['https://hooks.example.org/x', 'http://127.0.0.1:8080/x', 'http://localhost/x', 'http://[::1]:1/'])(
  'a webhook to %s is taken',
  (webhook) => {
    expect(faultsOf(with_.slack({ webhook }))).toEqual({});
  },
);

test('no fault shows the value of a secret', () => {
  const planted = 'PLANTED';
  const file = {
    redis: `http://:${planted}@x`,
    api: { adminToken: [planted] },
    client: { token: { a: planted }, api: `ftp://${planted}` },
    sources: [{ name: 'a', address: `http://u:${planted}@h`, token: 5, user: 'u', password: { planted } }, planted],
    channels: [{ ...slack, webhook: `http://evil.example/${planted}` }, `https://hooks.slack.com/${planted}`],
  };
  try {
    parseConfig(JSON.stringify(file), { env: { MILVUS_ADDRESS: `https://u:${planted}@h` } });
    expect.unreachable();
  } catch (error) {
    expect(hasCode(error, 'CONFIG_INVALID')).toBe(true);
    expect(JSON.stringify(error) + String(error)).not.toContain(planted);
  }
});

test.each([
  ['', 'milvault.json', 'an empty file'],
  ['{"redis": "PLANTED"', 'milvault.json', 'a fault'],
  ['{"a": 1}\n{"redis": "PLANTED"}', 'milvault.json', 'a fault at line 2'],
  ['[1]', 'milvault.json', 'a list'],
  ['just words', 'milvault.yaml', 'a text'],
  ['a: [PLANTED', 'milvault.yaml', 'a fault at line 1'],
  ['a: 1\n---\nb: 2', 'milvault.yaml', 'a fault'],
  [`a: &a [1]\nb: [${Array.from({ length: 200 }, () => '*a').join()}]`, 'milvault.yaml', 'more, or one without'],
  [`"${'x'.repeat(1024 * 1024)}"`, 'milvault.json', 'characters'],
])('the text %.20j is unreadable and is not quoted', (text, name, got) => {
  try {
    parseConfig(text, { env: {}, file: name });
    expect.unreachable();
  } catch (error) {
    if (!isMilvaultError(error)) throw error;
    expect(error.code).toBe('CONFIG_UNREADABLE');
    expect(error.got).toContain(got);
    expect(JSON.stringify(error) + error.message + String(error.cause)).not.toContain('PLANTED');
  }
});

test('whatever the schema refuses is a fault', () => {
  const known = fc.constantFrom(...Object.keys(ConfigFile.properties), 'name', 'kind', 'to', 'host', 'days');
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.constant('email'));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree')), fc.dictionary(known, tie('tree'))),
  }));
  const changed = fc.tuple(known, tree).map(([key, value]) => ({ ...whole, [key]: value }));
  fc.assert(
    fc.property(fc.oneof(changed, fc.dictionary(known, tree)), (file) => {
      const text = JSON.stringify(file);
      fc.pre(!Value.Check(ConfigFile, JSON.parse(text)));
      expect(Object.keys(faultsOf(text))).not.toEqual([]);
    }),
  );
});

test('whatever is parsed without a fault fits the schema', () => {
  const text = fc.constantFrom('02:00', '24:00', '* * * * *', 'UTC', 'prod', '/b', '', 'env:NOPE');
  const variants = fc.record(
    {
      timeZone: text,
      cleanup: text,
      plans: fc.array(fc.record({ name: text, source: text, repository: text, full: text }, { requiredKeys: [] })),
      sources: fc.array(fc.record({ name: text, address: text, token: text }, { requiredKeys: [] })),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(variants, (file) => {
      if (Object.keys(faultsOf(file)).length === 0) expect(Value.Check(ConfigFile, file)).toBe(true);
    }),
  );
});
