import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the clone. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What milvault keeps on a machine where nothing is configured: tools, Redis, the sample, backups. Not in git. */
export const stateFolder = (): string => resolve(process.env['MILVAULT_STATE'] ?? join(ROOT, '.milvault'));

/** Installed tools. May be shared by clones and survive them: each tool's folder is named by what is in it. */
export const toolsFolder = (): string => resolve(process.env['MILVAULT_TOOLS'] ?? join(ROOT, '.milvault', 'tools'));

/** Variables that mean something to these scripts alone. Taken from what they start: milvault tells of variables that it does not know. */
export const WITHOUT_OURS = {
  MILVAULT_STATE: undefined,
  MILVAULT_TOOLS: undefined,
  MILVAULT_PYTHON: undefined,
} as const;
