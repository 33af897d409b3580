import { fail, hasCode, systemClock, type Backup, type VerifyReport } from '@milvault/shared';
import { initRepository, openRepository, openStorage, type Repository, type StorageDriver } from '@milvault/repository';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeChunk } from '../../../packages/repository/src/format/chunk-write.ts';
import { fingerprints } from '../../../packages/repository/src/format/fingerprint.ts';
import { sha256 } from '../../../packages/repository/src/format/hash.ts';
import { filmBatch, SOURCE, takeBackup, testClock, sealed, plainJson, unsealed } from '../../support/repository.ts';

type Json = Record<string, unknown>;

describe('damage', () => {
  const clock = testClock(systemClock.now());
  let storage: StorageDriver;
  let repository: Repository;
  let backup: Backup;
  let keys: Readonly<Record<'slot' | 'manifest' | 'index' | 'chunk', string>>;

  beforeEach(async () => {
    storage = openStorage('memory:', clock);
    repository = await initRepository('memory:', { clock, storage });
    backup = await takeBackup(repository, { rows: 30, rowsPerChunk: 10 });
    const manifest = await repository.manifest(backup.id);
    const index = await repository.index(manifest, 'default', 'films');
    const slot = `slots/${SOURCE.sourceId}/${backup.id}.json`;
    keys = {
      slot,
      manifest: (await json(slot))['manifestKey'] as string,
      index: manifest.collections[0]!.indexKey,
      chunk: index.chunks[1]!.key,
    };
  });

  const json = async (key: string): Promise<Json> => JSON.parse(Buffer.from(await storage.get(key)).toString()) as Json;
  const check = async (level: 0 | 1 | 2 | 3): Promise<VerifyReport> =>
    (await openRepository('memory:', { clock, storage })).verify(backup.id, { level });

  /** The lowest level that sees a damage, or null. */
  async function seenAt(): Promise<number | null> {
    for (const level of [0, 1, 2, 3] as const) if ((await check(level)).result === 'damaged') return level;
    return null;
  }

  it('is nowhere in a fresh backup', async () => {
    expect(await seenAt()).toBeNull();
    const report = await check(3);
    expect(report).toMatchObject({ result: 'ok', rows: 30, chunks: 3, bytes: backup.bytes.own, damages: [] });
  });

  it('of one flipped bit is found in every object, at the level that reads it', async () => {
    const levels = { slot: 0, manifest: 0, index: 0, chunk: 2 } as const;
    for (const kind of ['slot', 'manifest', 'index', 'chunk'] as const) {
      const good = await storage.get(keys[kind]);
      for (const at of [
        0,
        Math.floor(good.length / 3),
        Math.floor(good.length / 2),
        good.length - 80,
        good.length - 1,
      ]) {
        const bad = Uint8Array.from(good);
        bad[at]! ^= 1 << (at % 8);
        await storage.put(keys[kind], bad);
        expect(await seenAt(), `${kind}, byte ${at}`).toBe(levels[kind]);
      }
      await storage.put(keys[kind], good);
    }
    expect(await seenAt()).toBeNull();
  });

  it('of a cut, empty, grown or missing object is found without reading a chunk', async () => {
    const levels = { slot: 0, manifest: 0, index: 0, chunk: 1 } as const;
    for (const kind of ['slot', 'manifest', 'index', 'chunk'] as const) {
      const good = await storage.get(keys[kind]);
      for (const bad of [
        good.subarray(0, good.length - 1),
        new Uint8Array(),
        Buffer.concat([good, Buffer.from('x')]),
      ]) {
        await storage.put(keys[kind], bad);
        expect(await seenAt(), `${kind}, ${bad.length} bytes`).toBe(levels[kind]);
      }
      await storage.remove(keys[kind]);
      if (kind === 'slot') {
        // Without its decision there is no backup: that is what a deletion of the record means.
        await expect(check(0)).rejects.toSatisfy((error) => hasCode(error, 'BACKUP_NOT_FOUND'));
      } else expect(await seenAt(), `${kind}, missing`).toBe(levels[kind]);
      await storage.put(keys[kind], good);
    }
  });

  it('names collection, partition, key range and rows', async () => {
    const good = await storage.get(keys.chunk);
    await storage.put(keys.chunk, Uint8Array.from(good).fill(0, 50, 60));
    const report = await check(2);
    expect(report.damages).toEqual([
      {
        code: 'OBJECT_DAMAGED',
        object: keys.chunk,
        message: expect.stringContaining('hash') as string,
        database: 'default',
        collection: 'films',
        partition: '_default',
        keyMin: '10',
        keyMax: '19',
        rows: 10,
      },
    ]);
    expect(report).toMatchObject({ result: 'damaged', rows: 20, chunks: 3 });
    expect((await repository.find(backup.id)).proofs).toContainEqual({ level: 2, result: 'damaged', at: report.at });
    await storage.remove(keys.chunk);
    expect((await check(3)).damages).toMatchObject([{ code: 'OBJECT_MISSING', object: keys.chunk, keyMin: '10' }]);
  });

  it('of a chunk stops its reader before it gives a row', async () => {
    const index = await repository.index(await repository.manifest(backup.id), 'default', 'films');
    const good = await storage.get(keys.chunk);
    await storage.put(keys.chunk, Uint8Array.from(good).fill(0, 50, 60));
    await expect(repository.readChunk(index, index.chunks[1]!)).rejects.toSatisfy((error) =>
      hasCode(error, 'OBJECT_DAMAGED'),
    );
    await storage.remove(keys.chunk);
    await expect(repository.readChunk(index, index.chunks[1]!)).rejects.toSatisfy((error) =>
      hasCode(error, 'OBJECT_MISSING'),
    );
    expect((await repository.readChunk(index, index.chunks[0]!)).rows).toBe(10);
  });

  it('by swapped objects is found: of another backup, of another chunk', async () => {
    clock.advance(1000);
    const other = await takeBackup(repository, { rows: 30, rowsPerChunk: 10 });
    const good = await storage.get(keys.slot);
    await storage.put(keys.slot, await storage.get(`slots/${SOURCE.sourceId}/${other.id}.json`));
    expect(await seenAt()).toBe(0);
    await storage.put(keys.slot, good);
    const index = await repository.index(await repository.manifest(backup.id), 'default', 'films');
    await storage.put(keys.chunk, await storage.get(index.chunks[0]!.key));
    expect(await seenAt()).toBeLessThanOrEqual(2);
  });

  /** Rewrites the chunk and everything above it, so that all hashes fit: what only a decoding check can find. */
  async function forge(change: (chunk: Json) => Uint8Array | null, patch: Json = {}): Promise<void> {
    const index = await json(keys.index);
    const chunk = (index['chunks'] as Json[])[1]!;
    const bytes = change(chunk);
    if (bytes !== null) {
      await storage.put(keys.chunk, bytes);
      Object.assign(chunk, { size: bytes.length, sha256: sha256(bytes) });
    }
    Object.assign(index, patch);
    await storage.put(keys.index, plainJson(index));
    const manifest = await json(keys.manifest);
    const entry = (manifest['collections'] as Json[])[0]!;
    const size = (index['chunks'] as { size: number }[]).reduce((sum, one) => sum + one.size, 0);
    Object.assign(entry, { indexSha256: sha256(plainJson(index)), bytes: size, ownBytes: size });
    Object.assign(manifest, { ownBytes: size });
    await storage.put(keys.manifest, plainJson(manifest));
    const slot = unsealed(await storage.get(keys.slot));
    Object.assign(slot, { manifestSha256: sha256(plainJson(manifest)), manifestSize: plainJson(manifest).length });
    Object.assign((slot['collections'] as Json[])[0]!, { bytes: size, ownBytes: size });
    slot['bytes'] = { own: size, total: size };
    await storage.put(keys.slot, sealed(slot));
  }

  it('behind hashes that all fit is found by decoding', async () => {
    const wrongRows = filmBatch(11, 9);
    const unordered = filmBatch(10, 10);
    const ids = unordered.columns[0]!.data;
    if (ids.kind === 'int64') [ids.values[3], ids.values[4]] = [ids.values[4]!, ids.values[3]!];
    const changed = filmBatch(10, 10);
    const vector = changed.columns[2]!.data;
    const prints = fingerprints(changed);
    if (vector.kind === 'fixed') vector.bytes[17]! ^= 1;
    for (const bytes of [
      encodeChunk(wrongRows, fingerprints(wrongRows)),
      encodeChunk(unordered, fingerprints(unordered)),
      encodeChunk(changed, prints),
      encodeChunk(changed, fingerprints(changed)),
      Buffer.from('not Parquet at all, but with the right hash'),
    ]) {
      await forge(() => bytes);
      expect(await seenAt()).toBe(3);
    }
    const good = filmBatch(10, 10);
    await forge(() => encodeChunk(good, fingerprints(good)));
    expect(await seenAt()).toBeNull();
  });

  it('by keys that lead out of the backup is found before anything is read', async () => {
    for (const key of [
      '../../../../etc/passwd',
      '/etc/passwd',
      keys.chunk.replace(backup.id, '0'.repeat(26)),
      `${keys.chunk}/../x`,
    ]) {
      await forge((chunk) => {
        chunk['key'] = key;
        return null;
      });
      expect(await seenAt(), key).toBe(0);
    }
  });

  it('is claimed only after a second look, and never for a fault of the way there', async () => {
    const flaky = (times: number, error: () => Error): StorageDriver => {
      let left = times;
      return {
        ...storage,
        getRange: async (key, offset, length) => {
          if (key === keys.chunk && left-- > 0) throw error();
          return storage.getRange(key, offset, length);
        },
      };
    };
    const verifyOver = async (driver: StorageDriver): Promise<VerifyReport> =>
      (await openRepository('memory:', { clock, storage: driver })).verify(backup.id, { level: 3 });
    const gone = () => fail('OBJECT_MISSING', { what: 'gone' });
    const wire = () => fail('REPO_READ_FAILED', { what: 'connection reset' });
    expect((await verifyOver(flaky(1, gone))).result).toBe('ok');
    expect((await verifyOver(flaky(1, wire))).result).toBe('ok');
    expect((await verifyOver(flaky(2, gone))).result).toBe('damaged');
    const unknown = await verifyOver(flaky(2, wire));
    expect(unknown).toMatchObject({ result: 'unknown', damages: [], unread: [{ object: keys.chunk }] });
  });

  it('that was found is told even when its report cannot be stored', async () => {
    await storage.remove(keys.chunk);
    const full: StorageDriver = {
      ...storage,
      put: async () => {
        throw fail('REPO_FULL');
      },
    };
    const weak = await openRepository('memory:', { clock, storage: full });
    const report = expect.objectContaining({ result: 'damaged' }) as object;
    await expect(weak.verify(backup.id, { level: 1 })).rejects.toMatchObject({
      code: 'REPO_FULL',
      details: { report },
    });
  });

  it('is looked for as far as wanted, with progress, and not after a stop', async () => {
    const seen: number[] = [];
    await repository.verify(backup.id, { level: 2, onProgress: ({ chunks }) => seen.push(chunks) });
    expect(seen).toEqual([1, 1, 1]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(repository.verify(backup.id, { level: 2, signal })).rejects.toThrow('enough');
  });
});
