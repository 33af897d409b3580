import type { Repository, ToolRecord } from '@milvault/repository';
import { fail, type Warning } from '@milvault/shared';
import type { Inspection } from '../port.ts';

/** Of the server of a backup whose tool does not tell it. */
export const UNKNOWN_VERSION = 'unknown';

/** What the manifest says of the tool that keeps a backup. INTERNAL for a backup that no tool keeps. */
export async function toolOf(repository: Repository, id: string): Promise<ToolRecord> {
  return requireTool((await repository.manifest(id)).tool);
}

export function requireTool(tool: ToolRecord | undefined): ToolRecord {
  if (tool === undefined)
    throw fail('INTERNAL', { what: 'A backup of a tool was expected, and no tool keeps this one' });
  return tool;
}

/** What is known before a backup by a tool: of a saved row, milvault's own engines' doubts say nothing. */
export const inspectedForTool = (seen: Inspection, known: readonly Warning[]): Inspection => ({
  ...seen,
  warnings: [...seen.warnings.filter(({ code }) => code === 'STAGING_LEFT_OUT'), ...known],
});

/** `name` and `database.name` as tools take them: the first dot parts them. */
export function heldAt(name: string): { readonly database: string; readonly collection: string } {
  const dot = name.indexOf('.');
  return dot < 0
    ? { database: 'default', collection: name }
    : { database: name.slice(0, dot), collection: name.slice(dot + 1) };
}
