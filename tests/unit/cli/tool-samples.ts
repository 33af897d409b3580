import type { Backup } from '@milvault/shared';
import { backup } from './samples.ts';

/** A tool keeps it, which did not say how large each collection is, nor how large the whole. */
export const atTool: Backup = {
  ...backup,
  engine: 'milvus-backup',
  collections: backup.collections.map((one) => ({ ...one, rows: 0, bytes: 0 })),
  bytes: { own: 0, total: 0 },
  warnings: [{ code: 'TOOL_KEEPS_DATA', message: 'The tool keeps the data' }],
  proofs: [
    {
      level: 0,
      result: 'ok',
      at: backup.committedAt + 4000,
      by: 'the milvus-backup server at http://127.0.0.1:8080/api/v1',
    },
  ],
  tool: {
    api: 'http://127.0.0.1:8080/api/v1',
    name: 'full_20261122_020003',
    unknown: ['bytes', 'collections'],
    adopted: true,
  },
};
