import { readFile } from 'node:fs/promises';
import { warningsPage } from '@milvault/engines';
import { expect, test } from 'vitest';

test('docs/warnings.md tells every warning as the engine does', async () => {
  expect(await readFile(new URL('../../docs/warnings.md', import.meta.url), 'utf8')).toBe(warningsPage());
});
