import { createHash } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, type ExportedFile } from '@milvault/shared';
import { writing } from './folder-faults.ts';
import type { ExportPiece } from './port.ts';

type PartEnd = Extract<ExportPiece, { kind: 'end' }>;

/** One file of an export: under a hidden name until it is whole and on the disk. */
export interface PartFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Gives the file its name. OBJECT_DAMAGED where what was written is not what was sent. */
  finish(path: string, end: PartEnd): Promise<ExportedFile>;
  close(): Promise<void>;
}

export async function startPart(inside: string, name: string): Promise<PartFile> {
  const hidden = join(inside, `.${name}`);
  const handle = await writing(inside, () => open(hidden, 'wx'));
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    write: async (part) => {
      hash.update(part);
      bytes += part.length;
      await handle.writeFile(part);
    },
    finish: async (path, end) => {
      const found = hash.digest('hex');
      if (found !== end.sha256 || bytes !== end.bytes) {
        throw fail('OBJECT_DAMAGED', { what: `${path} was changed on its way`, expected: end.sha256, got: found });
      }
      await handle.sync();
      await handle.close();
      await rename(hidden, join(inside, name));
      await syncFolder(inside);
      return { path, rows: end.rows, bytes, sha256: found };
    },
    close: () => handle.close(),
  };
}

/** A small file, whole or not at all. */
export async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const hidden = join(folder, `.${name}`);
  const handle = await open(hidden, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(hidden, join(folder, name));
  await syncFolder(folder);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
