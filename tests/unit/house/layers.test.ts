import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runStep } from '../../../scripts/test/step.ts';
import { layerFaults, loadFaults } from '../../../scripts/check/layers.mjs';
import { layerRules } from '../../../eslint.layers.mjs';

const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: layerRules() });

/** What the linter says of one import in one file. */
async function said(path: string, imported: string): Promise<string[]> {
  const [result] = await eslint.lintText(`import '${imported}';\n`, { filePath: path });
  return (result?.messages ?? []).map((message) => message.message);
}

const FORBIDDEN = [
  ['packages/shared/src/a.ts', '@milvault/milvus', 'shared is what every part may know'],
  ['packages/milvus/src/a.ts', '@milvault/repository', 'knows nothing of backups'],
  ['packages/repository/src/a.ts', '@milvault/engines', 'readable without Milvus, Redis or queues'],
  ['packages/engines/src/rows/a.ts', '@milvault/jobs', 'knows no queue'],
  ['packages/jobs/src/a.ts', '@milvault/api', 'know no HTTP'],
  ['apps/api/src/a.ts', '@milvault/worker', 'never each other'],
  ['apps/cli/src/a.ts', '@milvault/jobs/src/port.ts', 'only by its index.ts'],
  ['packages/jobs/src/backup.ts', 'bullmq', 'one door'],
  ['packages/jobs/src/backup.ts', 'fastify', 'one door'],
  ['packages/engines/src/a.ts', '@grpc/grpc-js', 'one door'],
  ['packages/repository/src/a.ts', 'hyparquet', 'one door'],
] as const;

describe('the dependency rule', () => {
  it.each(FORBIDDEN)('refuses in %s an import of %s, and gives the reason', async (path, imported, reason) => {
    expect((await said(path, imported)).join()).toContain(reason);
  });

  it.each(FORBIDDEN)('refuses in %s to load %s later, too', (path, imported, reason) => {
    expect(loadFaults(path, `const it = await import('${imported}');`).join()).toContain(reason);
  });

  it('lets a package import what its layer allows, and a vendor through its door', async () => {
    expect(await said('packages/engines/src/rows/a.ts', '@milvault/milvus')).toEqual([]);
    expect(await said('packages/jobs/src/queue/a.ts', 'bullmq')).toEqual([]);
    expect(loadFaults('packages/milvus/src/a.ts', `await import('@grpc/grpc-js')`)).toEqual([]);
  });

  it('refuses a folder that no layer speaks of', async () => {
    const root = await mkdtemp(join(tmpdir(), 'milvault-layers-'));
    onTestFinished(() => rm(root, { recursive: true }));
    const file = join(root, 'packages/stray/src/index.ts');
    await mkdir(dirname(file), { recursive: true });
    await mkdir(join(root, 'apps'));
    await writeFile(file, '');
    expect(layerFaults(root)).toEqual(['packages/stray: no layer in eslint.layers.mjs says what it may import']);
  });

  it('is held by this repository, also where code is loaded later', async () => {
    const { ok, output } = await runStep({ name: 'layers', args: ['scripts/check/layers.mjs'] });
    expect(output).toBe('');
    expect(ok).toBe(true);
  });
});
