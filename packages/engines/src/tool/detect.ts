import { hasCode } from '@milvault/shared';
import { isRecord, readAnswer, readJson } from './answer.ts';
import { callTool } from './call.ts';

/**
 * What answers at an address of a backup tool. `other`: something that is no backup tool, with a word on what it said.
 * Nothing that answers is TOOL_UNREACHABLE or TOOL_TIMEOUT, which are thrown.
 */
export type ToolKind =
  { readonly kind: 'milvus-backup' | 'contract' | 'milvault' } | { readonly kind: 'other'; readonly got: string };

const PROBE_MS = 10_000;
/** No backup has this name: a good name for both tools, and never one that a schedule makes. */
const NOBODY = 'milvault_looks_who_answers';

/**
 * Finds out by three calls that change nothing, each of which only one kind of tool answers well. The original's tool has
 * no call that only looks: it is asked to check a backup that nobody has.
 */
export async function detectTool(api: string, signal: AbortSignal): Promise<ToolKind> {
  const base = { api, timeoutMs: PROBE_MS, signal } as const;
  const hello = await callTool({ ...base, method: 'GET', path: '/hello' });
  if (hello.status === 200 && hello.text.includes('backup service')) return { kind: 'milvus-backup' };
  const version = await callTool({ ...base, method: 'GET', path: '/version' });
  const said = readJson(version.text);
  if (isRecord(said) && (said['name'] === 'milvault' || isOurProblem(said))) return { kind: 'milvault' };
  const call = { ...base, method: 'POST', path: '/backup/verify', body: { backup_name: NOBODY } } as const;
  try {
    readAnswer(call, await callTool(call));
    return { kind: 'contract' };
  } catch (thrown) {
    if (hasCode(thrown, 'TOOL_ANSWER_INVALID')) return { kind: 'other', got: thrown.got ?? 'something else' };
    throw thrown;
  }
}

/** milvault that asks for a token first. */
const isOurProblem = ({ type }: Record<string, unknown>): boolean =>
  typeof type === 'string' && type.startsWith('urn:milvault:');
