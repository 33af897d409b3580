import type { BackupDraft } from '@milvault/repository';
import { fail, hasCode } from '@milvault/shared';
import type { BackupPart, BackupPartResult, EngineContext } from '../port.ts';
import { tellShare, type TellShare } from './progress.ts';
import type { Server, Task } from './server.ts';

export interface ServerPart extends BackupPart {
  readonly api: string;
  readonly collections: readonly string[];
}

export interface ServerPartResult extends BackupPartResult {
  /** What the server calls it, and the id that we gave it. */
  readonly name: string;
  readonly key: string;
  readonly size: number | null;
  readonly serverVersion: string | null;
  readonly sizes: Task['collections'];
  /** Names that tries before this one left blocked at the server. */
  readonly leftovers: readonly string[];
}

const TRIES = 6;
const POLL_MS = 500;
/** An old task that does not start within this time never will. */
const STUCK_MS = 20_000;

export const keyOf = (backupId: string, turn: number): string => `${backupId}_${turn}`;
export const isKeyOf = (backupId: string, key: string | null): boolean => key?.startsWith(`${backupId}_`) === true;

/**
 * One backup under ids that are ours, so that whatever was lost (an answer, the server's memory, this worker) is found
 * again. A name that a failed try left blocked cannot be freed through the server: the next try takes another one.
 */
export async function backupPart(
  server: Server,
  draft: BackupDraft,
  part: ServerPart,
  context: EngineContext,
): Promise<ServerPartResult> {
  const { signal } = context;
  const leftovers: string[] = [];
  const tell = tellShare('bytes', context.onProgress);
  for (let turn = 1; turn <= TRIES; turn += 1) {
    const there = (await server.list(signal)).find(({ key }) => isKeyOf(draft.backupId, key));
    const key = there?.key ?? keyOf(draft.backupId, turn);
    const name = there?.name ?? (turn === 1 ? draft.name : `${draft.name}_${turn}`);
    if (there !== undefined || (await takeOne(server, { key, name }, part, context, tell))) {
      const result = await resultOf(server, part, { key, name, size: there?.bytes ?? null, leftovers }, signal);
      tell(result.bytes, 100);
      return result;
    }
    leftovers.push(name);
  }
  throw fail('TOOL_REFUSED', {
    what: `The milvus-backup server at ${part.api} could not take ${draft.name} under ${TRIES} names`,
    next: 'Look at its log and its storage; folders of failed backups block their names until they are removed there',
  });
}

/** True where the backup is there now; false where its name is blocked and it is not. */
async function takeOne(
  server: Server,
  { key, name }: { readonly key: string; readonly name: string },
  part: ServerPart,
  context: EngineContext,
  tell: TellShare,
): Promise<boolean> {
  const { signal, logger } = context;
  const known = await server.backup(key, signal);
  if (known !== null) return (await settle(server, key, known, context)) === 'done';
  const stop = new AbortController();
  const watching = watch(server, key, context.clock, tell, stop.signal);
  try {
    await server.create({ id: key, name, collections: part.collections }, signal);
    return true;
  } catch (thrown) {
    if (!isNameBlocked(thrown)) throw thrown;
    logger.warn(`The server has something under the name ${name} already: ${thrown.message}`);
    return false;
  } finally {
    stop.abort();
    await watching;
  }
}

/**
 * Something lies in the storage under that name; or this process of the server has a task of that name that has not
 * failed: then it dies in the middle of the request, and its framework answers a bare 500 (v0.5.16).
 */
const isNameBlocked = (thrown: unknown): thrown is Error =>
  (hasCode(thrown, 'TOOL_REFUSED') && /exist/i.test(thrown.message)) ||
  (hasCode(thrown, 'TOOL_UNREACHABLE') && thrown.got?.startsWith('HTTP 500') === true);

/** A task of an earlier try: waits for its end. One that never starts counts as failed. */
async function settle(
  server: Server,
  key: string,
  first: Task,
  { signal, clock }: EngineContext,
): Promise<'done' | 'failed'> {
  let waited = 0;
  for (let task: Task | null = first; task !== null; task = await server.backup(key, signal)) {
    if (task.state === 'done' || task.state === 'failed') return task.state;
    if (task.state === 'waiting' && waited > STUCK_MS) return 'failed';
    await clock.sleep(POLL_MS, signal);
    waited += POLL_MS;
  }
  return 'failed';
}

/** Tells how far the server is while the create is under way; a look that fails says nothing. */
async function watch(
  server: Server,
  key: string,
  clock: EngineContext['clock'],
  tell: TellShare,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const task = await server.backup(key, signal).catch(() => null);
    tell(task?.bytes ?? 0, task?.progress ?? 0);
    await clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
}

async function resultOf(
  server: Server,
  part: ServerPart,
  made: {
    readonly key: string;
    readonly name: string;
    readonly size: number | null;
    readonly leftovers: readonly string[];
  },
  signal: AbortSignal,
): Promise<ServerPartResult> {
  // Gone with a restart of the server: then the list is all there is.
  const task = await server.backup(made.key, signal);
  const size = task?.bytes ?? made.size;
  return {
    number: part.number,
    collection: part.collection,
    rows: 0,
    bytes: size ?? 0,
    ...made,
    size,
    serverVersion: task?.serverVersion ?? null,
    sizes: task?.collections ?? [],
  };
}
