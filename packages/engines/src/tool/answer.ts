import { parse } from 'lossless-json';
import { fail, type MilvaultError } from '@milvault/shared';
import type { ToolReply, ToolRequest } from './call.ts';

type Call = Pick<ToolRequest, 'method' | 'api' | 'path'>;

/** The envelope that both kinds of tool have: `{code, msg | message, data}`. */
export interface ToolAnswer {
  /** 0 is good. The official tool leaves a zero out. */
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
  readonly requestId: string | null;
}

const SHOWN = 300;

/**
 * The answer of a tool, whether it says yes or no. TOOL_UNREACHABLE for a 5xx that is no envelope (the tool or what stands
 * before it is ill), TOOL_ANSWER_INVALID for anything else that is none: HTML, a redirect, another service.
 */
export function readAnswer(call: Call, reply: ToolReply): ToolAnswer {
  const value = readJson(reply.text);
  const answer = isRecord(value) ? envelopeOf(value, reply.status) : null;
  if (answer !== null) return answer;
  if (reply.status >= 500) {
    throw fail('TOOL_UNREACHABLE', {
      what: `The backup tool at ${call.api} cannot answer ${call.method} ${call.path} now`,
      expected: 'an answer of the tool',
      got: `HTTP ${reply.status}${excerpt(reply)}`,
    });
  }
  throw fail('TOOL_ANSWER_INVALID', {
    what: `What ${call.api} answers to ${call.method} ${call.path} is no answer of a backup tool`,
    expected: 'JSON with a code',
    got: `HTTP ${reply.status}${excerpt(reply)}`,
  });
}

/** The same, where the tool must say yes. TOOL_REFUSED with what it said, TOOL_BACKUP_LOST where it knows no such backup. */
export function readYes(call: Call, reply: ToolReply): ToolAnswer {
  const answer = readAnswer(call, reply);
  if (reply.status < 300 && answer.code === 0) return answer;
  throw refused(call, reply.status, answer);
}

export function refused(call: Call, status: number, { code, message }: ToolAnswer): MilvaultError {
  const lost = status === 404 || code === 404;
  return fail(lost ? 'TOOL_BACKUP_LOST' : 'TOOL_REFUSED', {
    what: `The backup tool at ${call.api} said no to ${call.method} ${call.path}`,
    expected: 'code 0',
    got: `HTTP ${status}, code ${code}: ${message.slice(0, SHOWN) || 'no message'}`,
    details: { status, code },
  });
}

/**
 * JSON in which no digit is lost: whole numbers beyond 2^53 come as bigint. Null where it is none. Tools give ids and
 * timestamps of 64 bits as plain numbers.
 */
export function readJson(text: string): unknown {
  try {
    return parse(text, undefined, (digits) => {
      const value = Number(digits);
      return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? BigInt(digits) : value;
    });
  } catch {
    // What is no JSON is told by those who know which call it answers.
    return null;
  }
}

/** Null where it is none: a body without code, msg and data could be anybody's. */
function envelopeOf(value: Record<string, unknown>, status: number): ToolAnswer | null {
  const { code, msg, message, data, requestId } = value;
  const known = code !== undefined || msg !== undefined || 'data' in value;
  if (!known || (code !== undefined && typeof code !== 'number')) return null;
  if (code === undefined && status >= 300) return null;
  const text = [msg, message].find((one) => typeof one === 'string');
  return {
    code: code ?? 0,
    message: typeof text === 'string' ? text : '',
    data,
    requestId: typeof requestId === 'string' ? requestId : null,
  };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const excerpt = ({ contentType, text }: ToolReply): string => {
  const kind = contentType.split(';')[0]?.trim();
  const start = text.replace(/\s+/g, ' ').trim().slice(0, 80);
  return ` ${kind === undefined || kind === '' ? '(no content type)' : `(${kind})`}${start === '' ? '' : ` ${JSON.stringify(start)}`}`;
};
