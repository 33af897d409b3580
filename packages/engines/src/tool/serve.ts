import type { EngineSource } from '../port.ts';
import { detectTool, type ToolKind } from './detect.ts';

const WORDS = {
  'milvus-backup': 'the official milvus-backup server',
  contract: "a tool with the original's contract",
  milvault: 'milvault itself',
} as const;

/** Null where the tool of the source is of that kind; else what there is instead, for people. TOOL_UNREACHABLE. */
export async function servesBy(
  kind: Exclude<ToolKind['kind'], 'other'>,
  { tool }: EngineSource,
  signal: AbortSignal,
): Promise<string | null> {
  if (tool === undefined) return 'no backup tool is configured for this source';
  const found = await detectTool(tool, signal);
  if (found.kind === kind) return null;
  return found.kind === 'other'
    ? `what answers at ${tool} is no backup tool (${found.got})`
    : `what answers at ${tool} is ${WORDS[found.kind]}`;
}
