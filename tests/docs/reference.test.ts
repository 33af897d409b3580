import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { type ConfigFile, ERRORS, isMilvaultError, parseConfig, SETTINGS } from '@milvault/shared';
import { REFERENCE_FILES } from '../../scripts/reference/files.ts';
import { keyRows } from '../../scripts/reference/keys.ts';

const page = (name: string): Promise<string> => readFile(name, 'utf8');

/** Code blocks of one language in a page. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map((match) => match[1] ?? '');

describe('what the documentation takes from the code', () => {
  it.each(Object.entries(REFERENCE_FILES))(
    '%s is as the code says (else: npx tsx scripts/reference.ts)',
    async (name, make) => {
      const present = await page(name);
      expect(present).toBe(make(present));
      expect(present).not.toBe('');
    },
  );

  it('every error code stands in docs/errors.md once, and no other does', async () => {
    const codes = [...(await page('docs/errors.md')).matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);
    expect(codes).toEqual(Object.keys(ERRORS));
  });

  it('every variable stands in docs/configuration.md and .env.example, and no other does', async () => {
    const names = SETTINGS.map((setting) => setting.name);
    const inDocs = [...(await page('docs/configuration.md')).matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(
      (match) => match[1],
    );
    const inExample = [...(await page('.env.example')).matchAll(/^#([A-Z0-9_]+)=/gm)].map((match) => match[1]);
    expect(inDocs).toEqual(names);
    expect(inExample).toEqual(names);
  });

  it('every key of the configuration is described', () => {
    for (const row of keyRows()) {
      if (!row.path.endsWith('.kind')) expect(row, row.path).not.toMatchObject({ description: '' });
    }
    expect(keyRows().length).toBeGreaterThan(40);
  });

  it('every variable but MILVAULT_CONFIG stands beside the key that it wins over', () => {
    const beside = new Set(keyRows().flatMap((row) => row.variables));
    expect(SETTINGS.map((setting) => setting.name).filter((name) => !beside.has(name))).toEqual(['MILVAULT_CONFIG']);
  });
});

describe('what the documentation shows', () => {
  it('the values of .env.example are taken', async () => {
    const text = (await page('.env.example')).replace(/^#([A-Z0-9_]+=)/gm, '$1');
    const env = Object.fromEntries(
      [...text.matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']),
    );
    // Files with secrets are somebody else's; any value does in their place.
    for (const [name, value] of Object.entries(env)) if (value.startsWith('file:')) env[name] = 'value';
    expect(parseConfig('{}', { env }).notices).toEqual([]);
  });

  it('the YAML of docs/configuration.md is a configuration', async () => {
    const yamls = blocks(await page('docs/configuration.md'), 'yaml');
    expect(yamls).toHaveLength(1);
    for (const yaml of yamls) {
      const ready = yaml.replace('file:/run/secrets/milvus-token', 'value');
      const env = { SLACK_WEBHOOK: 'https://hooks.slack.com/services/x' };
      const config = parseConfig(ready, { env, file: 'milvault.yaml' });
      expect(config.plans).toHaveLength(1);
      expect(config.channels).toHaveLength(2);
    }
  });

  it('the published JSON Schema takes what milvault takes', async () => {
    const schema = JSON.parse(await page('milvault.schema.json')) as typeof ConfigFile;
    const [yaml = ''] = blocks(await page('docs/configuration.md'), 'yaml');
    const file = parseDocument(yaml).toJS() as Record<string, unknown>;
    expect(Value.Check(schema, file)).toBe(true);
    expect(Value.Check(schema, { ...file, $schema: './milvault.schema.json' })).toBe(true);
    expect(Value.Check(schema, { ...file, plan: [] })).toBe(false);
    expect(Value.Check(schema, { api: { port: '1' } })).toBe(false);
  });

  it('the faults of docs/configuration.md are what milvault says', async () => {
    const [shown = ''] = blocks(await page('docs/configuration.md'), 'text');
    const file = `
sources: [{ name: prod, address: m }]
repositories: [{ name: disk, place: /b }]
plans: [{ name: nightly, source: prod, souce: prod, repository: disk, full: '25:61' }]
channels: [{ kind: email, name: ops, from: a@b, to: [], host: mail }]
`;
    try {
      parseConfig(file, { env: {}, file: '/etc/milvault/milvault.yaml' });
      expect.unreachable();
    } catch (error) {
      if (!isMilvaultError(error)) throw error;
      const lines = (text: string): string[] => text.trim().split('\n').sort();
      expect(lines(error.message)).toEqual(lines(shown));
    }
  });
});
