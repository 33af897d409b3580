import { fail, hasCode } from '@milvault/shared';
import { isRecord, readYes } from '../tool/answer.ts';
import { callTool, type ToolRequest } from '../tool/call.ts';
import type { HeldBackup } from '../port.ts';

/** States of both kinds of task; the server leaves out a zero. 4 is never set. */
export type TaskState = 'waiting' | 'running' | 'done' | 'failed';

export interface Task {
  readonly state: TaskState;
  /** 0 to 100; a failed one shows 0. */
  readonly progress: number;
  readonly error: string;
  readonly bytes: number | null;
  readonly serverVersion: string | null;
  readonly collections: readonly {
    readonly database: string;
    readonly collection: string;
    readonly bytes: number | null;
  }[];
}

const STATES: readonly TaskState[] = ['waiting', 'running', 'done', 'failed', 'failed'];
const CALL_MS = 120_000;
/** A create answers when it is done. */
const CREATE_MS = 24 * 60 * 60 * 1000;

/** The calls of the official server that are safe to use, by ids that are ours. Verified on v0.5.16. */
export interface Server {
  /**
   * Takes a backup and answers when it is there. Hanging up cancels it at the server. `id` becomes the id of the backup.
   * TOOL_REFUSED where the name is taken: also by what a failed or a cancelled one left.
   */
  create(
    request: { readonly id: string; readonly name: string; readonly collections: readonly string[] },
    signal: AbortSignal,
  ): Promise<void>;
  /** Null where this process of the server knows none of this id: it forgets all of them at a restart. */
  backup(id: string, signal: AbortSignal): Promise<Task | null>;
  /** Complete ones alone. */
  list(signal: AbortSignal): Promise<readonly HeldBackup[]>;
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** Starts a restore under an id of ours, and answers at once. */
  restore(
    request: { readonly id: string; readonly name: string; readonly renames: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ): Promise<void>;
  restored(id: string, signal: AbortSignal): Promise<Task | null>;
}

export function createServer(api: string): Server {
  const ask = async (request: Omit<ToolRequest, 'api' | 'timeoutMs'>, timeoutMs = CALL_MS): Promise<unknown> => {
    const call = { ...request, api, timeoutMs };
    return readYes(call, await callTool(call)).data;
  };
  /** Of both kinds: an id that the server does not know is a refusal with these words. */
  const task = async (path: string, query: Record<string, string>, signal: AbortSignal): Promise<Task | null> => {
    try {
      return taskOf(await ask({ method: 'GET', path, query, signal }));
    } catch (thrown) {
      if (hasCode(thrown, 'TOOL_REFUSED') && thrown.message.includes('task not found')) return null;
      throw thrown;
    }
  };
  return {
    create: async ({ id, name, collections }, signal) => {
      // Names in full, never a filter: an empty one of the other forms means "all" or "none", by its spelling.
      const body = { backup_name: name, collection_names: [...collections], async: false };
      await ask({ method: 'POST', path: '/create', body, headers: { request_id: id }, signal }, CREATE_MS);
    },
    // By id alone: by name it answers with an empty success for what it does not know.
    backup: (id, signal) => task('/get_backup', { backup_id: id }, signal),
    list: async (signal) => {
      const data = await ask({ method: 'GET', path: '/list', signal });
      if (data === undefined || data === null) return [];
      if (!Array.isArray(data)) throw notUnderstood(api, 'GET /list');
      return data.map((one) => heldOf(one) ?? unreadable(api));
    },
    remove: async (name, signal) => {
      await ask({ method: 'DELETE', path: '/delete', query: { backup_name: name }, signal });
    },
    restore: async ({ id, name, renames }, signal) => {
      // `collection_names` picks by the old name; the other filters pick by the new one, restore nothing and call it a success.
      const body = {
        id,
        backup_name: name,
        async: true,
        restoreIndex: true,
        collection_names: Object.keys(renames),
        collection_renames: renames,
      };
      await ask({ method: 'POST', path: '/restore', body, signal });
    },
    restored: (id, signal) => task('/get_restore', { id }, signal),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

function taskOf(data: unknown): Task | null {
  if (!isRecord(data)) return null;
  const collections: unknown = data['collection_backups'];
  return {
    state: STATES[count(data['state_code']) ?? 0] ?? 'waiting',
    progress: Math.min(100, count(data['progress']) ?? 0),
    error: text(data['errorMessage']) || text(data['error_message']),
    bytes: count(data['size']),
    serverVersion: text(data['milvus_version']) || null,
    collections: (Array.isArray(collections) ? collections : []).filter(isRecord).map((one) => ({
      database: text(one['db_name']) || 'default',
      collection: text(one['collection_name']),
      bytes: count(one['size']),
    })),
  };
}

function heldOf(one: unknown): HeldBackup | null {
  if (!isRecord(one) || typeof one['name'] !== 'string') return null;
  return {
    name: one['name'],
    key: text(one['id']) || null,
    bytes: count(one['size']),
    serverVersion: text(one['milvus_version']) || null,
  };
}

const unreadable = (api: string): never => {
  throw notUnderstood(api, 'GET /list');
};

const notUnderstood = (api: string, what: string): Error =>
  fail('TOOL_ANSWER_INVALID', {
    what: `The milvus-backup server at ${api} answered ${what} in a way that is not known`,
  });
