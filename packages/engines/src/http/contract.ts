import { fail, hasCode } from '@milvault/shared';
import { isRecord, readAnswer, readYes, refused, type ToolAnswer } from '../tool/answer.ts';
import { callTool, type ToolRequest } from '../tool/call.ts';

/** The original's limits; it names none for the deletion. Milliseconds. */
export const CONTRACT_LIMITS = { create: 3_600_000, verify: 600_000, remove: 600_000 } as const;
export type ContractLimits = { readonly [K in keyof typeof CONTRACT_LIMITS]: number };

export interface CreateRequest {
  readonly name: string;
  readonly collections: readonly string[];
  /** What the tool calls the base; null: a full. */
  readonly base: string | null;
}

/** What the tool says of a backup that it made; null: it did not say. */
export interface Created {
  readonly rows: number | null;
  readonly bytes: number | null;
}

export const NOTHING_SAID: Created = { rows: null, bytes: null };

/** The three calls of the original's scheduler (`docs/tools.md`, "The original's contract"). */
export interface Contract {
  /** TOOL_REFUSED, TOOL_BACKUP_LOST (of the base), TOOL_UNREACHABLE, TOOL_TIMEOUT: in the last two it may have been made. */
  create(request: CreateRequest, signal: AbortSignal): Promise<Created>;
  /** The tool's own word. TOOL_BACKUP_LOST where it does not know the name. */
  verify(name: string, signal: AbortSignal): Promise<boolean>;
  /** Resolves where it does not know the name, too. */
  remove(name: string, signal: AbortSignal): Promise<void>;
}

export function createContract(api: string, limits: ContractLimits = CONTRACT_LIMITS): Contract {
  const verify = async (name: string, signal: AbortSignal): Promise<boolean> => {
    const call = post(api, '/backup/verify', { backup_name: name }, limits.verify, signal);
    const { data } = readYes(call, await callTool(call));
    if (isRecord(data) && typeof data['is_valid'] === 'boolean') return data['is_valid'];
    throw fail('TOOL_ANSWER_INVALID', {
      what: `The backup tool at ${api} did not say whether ${name} is valid`,
      expected: 'data.is_valid, true or false',
      got: data === undefined ? 'no data' : 'other data',
    });
  };
  return {
    create: async ({ name, collections, base }, signal) => {
      const incremental = base === null ? {} : { base_backup: base, incremental: true };
      const body = { backup_name: name, collections: [...collections], compression: true, ...incremental };
      const call = post(api, '/backup/create', body, limits.create, signal);
      return createdOf(readYes(call, await callTool(call)));
    },
    verify,
    remove: async (name, signal) => {
      const call = {
        ...post(api, '/backup/delete', { backup_name: name }, limits.remove, signal),
        method: 'DELETE',
      } as const;
      const reply = await callTool(call);
      if (reply.status === 404) return;
      // The contract asks for no more than a 2xx.
      if (reply.status >= 300 || reply.text.trim() !== '') {
        const answer = readAnswer(call, reply);
        if (answer.code === 404) return;
        if (reply.status >= 300 || answer.code !== 0) throw refused(call, reply.status, answer);
      }
      await requireGone(name, signal);
    },
  };

  /** A tool that says that it deleted and still finds the backup valid has not deleted it. */
  async function requireGone(name: string, signal: AbortSignal): Promise<void> {
    let valid: boolean;
    try {
      valid = await verify(name, signal);
    } catch (thrown) {
      if (hasCode(thrown, 'TOOL_REFUSED', 'TOOL_BACKUP_LOST')) return;
      throw thrown;
    }
    if (!valid) return;
    throw fail('TOOL_REFUSED', { what: `The backup tool at ${api} said that it deleted ${name}, and still has it` });
  }
}

function post(
  api: string,
  path: string,
  body: Readonly<Record<string, unknown>>,
  timeoutMs: number,
  signal: AbortSignal,
): ToolRequest {
  return { method: 'POST', api, path, body, timeoutMs, signal };
}

/** A number that makes no sense is none. */
function createdOf({ data }: ToolAnswer): Created {
  if (!isRecord(data)) return NOTHING_SAID;
  const count = (value: unknown): number | null =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
  return { rows: count(data['total_entities']), bytes: count(data['backup_size']) };
}
