import { ConfigFile, SETTINGS } from '@milvault/shared';
import { withTables } from './tables.ts';

/** The JSON Schema that editors check `milvault.json` with: ours, without the words that only our own checks know. */
function publishedSchema(): string {
  const plain = (key: string, value: unknown): unknown => (key === 'check' || key === 'secret' ? undefined : value);
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...ConfigFile };
  return `${JSON.stringify(schema, plain, 2)}\n`;
}

function exampleEnvironment(): string {
  const head = [
    '# Every environment variable that milvault reads. Copy this file and uncomment what you need.',
    '# A variable wins over the configuration file. A secret may be the value, env:NAME or file:PATH.',
  ];
  return `${[...head, ...SETTINGS.map(({ name, about, example }) => `\n# ${about}\n#${name}=${example}`)].join('\n')}\n`;
}

/**
 * Every file that comes from the code, in whole or in part: its path, and its text made from the present one.
 * `npx tsx scripts/reference.ts` writes them; a test holds them equal.
 */
export const REFERENCE_FILES: Readonly<Record<string, (present: string) => string>> = {
  'milvault.schema.json': publishedSchema,
  '.env.example': exampleEnvironment,
  'docs/errors.md': withTables,
  'docs/configuration.md': withTables,
};
