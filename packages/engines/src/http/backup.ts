import type { BackupDraft, CommitInput, Repository, ToolRecord } from '@milvault/repository';
import { fail, hasCode, type Warning } from '@milvault/shared';
import type { BackupPart, BackupPartResult, BackupPlan, BackupRequest, EngineContext } from '../port.ts';
import { warning } from '../rows/warnings.ts';
import { heldAt, requireTool, toolOf, UNKNOWN_VERSION } from '../tool/record.ts';
import { NOTHING_SAID, type Contract, type Created } from './contract.ts';

export interface HttpPart extends BackupPart {
  readonly api: string;
  readonly collections: readonly string[];
  /** Id of the base, and what the tool calls it. */
  readonly base: { readonly id: string; readonly name: string } | null;
}

export interface HttpPartResult extends BackupPartResult {
  readonly created: Created;
  /** False where the answer was lost, and the tool was found to have it all the same. */
  readonly answered: boolean;
}

/** One part: the tool does a backup in one go. `names` are those that the patterns mean. */
export async function planBackup(
  api: string,
  repository: Repository,
  request: BackupRequest,
  names: readonly string[],
): Promise<BackupPlan> {
  const base = request.base ?? null;
  const held = base === null ? null : await toolOf(repository, base);
  const part: HttpPart = {
    number: 0,
    collection: 0,
    api,
    collections: names,
    base: held === null || base === null ? null : { id: base, name: held.name },
  };
  return {
    serverVersion: UNKNOWN_VERSION,
    databases: [],
    collections: [],
    parts: [part],
    warnings: [],
    rowsTotal: 0,
    consistency: 'fuzzy',
    base,
  };
}

/** Asks the tool for the backup. A create whose answer was lost is found by its name, and not made twice. */
export async function backupPart(
  contract: Contract,
  repository: Repository,
  draft: BackupDraft,
  part: HttpPart,
  { signal, logger }: EngineContext,
): Promise<HttpPartResult> {
  const { api, collections, base } = part;
  const done = (created: Created, answered: boolean): HttpPartResult => ({
    number: part.number,
    collection: part.collection,
    rows: created.rows ?? 0,
    bytes: created.bytes ?? 0,
    created,
    answered,
  });
  await requireOwnName(repository, api, draft);
  try {
    const request = { name: draft.name, collections, base: base?.name ?? null };
    return done(await contract.create(request, signal), true);
  } catch (thrown) {
    signal.throwIfAborted();
    if (!hasCode(thrown, 'TOOL_REFUSED', 'TOOL_BACKUP_LOST', 'TOOL_UNREACHABLE', 'TOOL_TIMEOUT')) throw thrown;
    if (await has(contract, draft.name, signal)) {
      logger.warn(`The tool has ${draft.name}, although its answer was: ${thrown.message}`);
      return done(NOTHING_SAID, false);
    }
    if (base !== null && (await lacks(contract, base.name, signal))) throw baseGone(api, base, thrown);
    throw thrown;
  }
}

/** Two backups of one second have one name: the second would be taken for the first. */
async function requireOwnName(repository: Repository, api: string, draft: BackupDraft): Promise<void> {
  const taken = (await repository.list()).find(
    ({ id, tool }) => tool?.api === api && tool.name === draft.name && id !== draft.backupId,
  );
  if (taken === undefined) return;
  throw fail('BACKUP_ABORTED', {
    what: `The tool has a backup ${draft.name} already, which is ${taken.id}`,
    next: 'Nothing: the run is tried again under another name',
  });
}

/** Any doubt is a no: then the fault that is on its way is told. */
async function has(contract: Contract, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    return await contract.verify(name, signal);
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Only a clear word of the tool counts against a base. */
async function lacks(contract: Contract, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    return !(await contract.verify(name, signal));
  } catch (thrown) {
    signal.throwIfAborted();
    return hasCode(thrown, 'TOOL_BACKUP_LOST', 'TOOL_REFUSED');
  }
}

const baseGone = (api: string, base: { readonly name: string }, cause: unknown): Error =>
  fail('BASE_DAMAGED', {
    what: `The tool at ${api} no longer has the base ${base.name}, or does not find it valid`,
    next: 'Nothing: the run plans again, with another base or as a full',
    cause,
  });

export function finishBackup(
  part: HttpPart,
  result: HttpPartResult,
  warnings: readonly Warning[],
  name: string,
): CommitInput {
  const { created, answered } = result;
  const tool: ToolRecord = {
    api: part.api,
    name,
    rows: created.rows,
    bytes: created.bytes,
    collections: part.collections.map((one) => ({ ...heldAt(one), rows: null, bytes: null })),
  };
  const silent = created.rows === null || created.bytes === null;
  return {
    engine: 'http',
    databases: [],
    collections: [],
    consistency: 'fuzzy',
    warnings: [
      ...warnings,
      warning('TOOL_KEEPS_DATA'),
      ...(answered ? [] : [warning('TOOL_ANSWER_LOST')]),
      ...(silent && answered ? [warning('TOOL_NUMBERS_MISSING')] : []),
    ],
    tool: requireTool(tool),
  };
}
