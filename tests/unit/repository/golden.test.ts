import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { contentSum, fingerprints, openRepository } from '@milvault/repository';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';
import { copyGolden, everyType } from '../../support/golden-repository.ts';
import { filmBatch, testClock } from '../../support/repository.ts';
import { firstDifference } from '../../support/first-difference.ts';

const VERSIONS = readdirSync('tests/unit/repository/golden');

describe.each(VERSIONS)('a repository that version %s of the format wrote', (version) => {
  const openCopy = async () => {
    const place = join(await temporaryFolder(), 'repo');
    await copyGolden(version, place);
    return openRepository(place, { clock: testClock(Date.UTC(2026, 0, 6)) });
  };

  it('lists the one backup that is whole, with its proof', async () => {
    const backups = await (await openCopy()).list();
    expect(backups).toMatchObject([
      {
        name: 'full_20260105_020100',
        rows: 23,
        collections: [
          { database: 'default', collection: 'films', rows: 20 },
          { database: 'default', collection: 'every type/"ü"', rows: 3 },
        ],
        consistency: 'quiesced',
        plan: 'nightly',
        durationMs: 60_000,
        warnings: [{ code: 'EXAMPLE', message: 'an example', database: 'default', collection: 'films' }],
        proofs: [{ level: 3, result: 'ok' }],
      },
    ]);
  });

  it('passes every check', async () => {
    const repository = await openCopy();
    const [backup] = await repository.list();
    expect(await repository.verify(backup!.id, { level: 3 })).toMatchObject({ result: 'ok', rows: 23, chunks: 3 });
  });

  it('gives back every row, with the fingerprints that it had', async () => {
    const repository = await openCopy();
    const manifest = await repository.manifest('full_20260105_020100');
    for (const [name, batches] of [
      ['films', [filmBatch(0, 10), filmBatch(10, 10)]],
      ['every type/"ü"', [everyType()]],
    ] as const) {
      const index = await repository.index(manifest, 'default', name);
      for (const [i, batch] of batches.entries()) {
        expect(firstDifference(batch, await repository.readChunk(index, index.chunks[i]!))).toBeNull();
        expect(contentSum(fingerprints(batch))).toBe(index.chunks[i]!.contentSum);
      }
    }
  });

  it('is cleaned of the backup that was never finished', async () => {
    const repository = await openCopy();
    const report = await repository.cleanup({ rules: [], dryRun: true, active: [], unfinishedAgeMs: 0 });
    expect(report.failed).toEqual([]);
    expect((await repository.list()).length).toBe(1);
  });
});
