import { fail, fromErrorRecord, type Problem, type Secret } from '@milvault/shared';

/** How to reach one API. */
export interface ApiAddress {
  /** `http://host:port`, without a slash at the end. */
  readonly api: string;
  readonly token: Secret | null;
  /** Ends every call that is under way. What is called after it belongs to the stop itself, such as a cancel. */
  readonly signal: AbortSignal;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Sends one call; resolves with the JSON of its answer. */
export type Call = <Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, sent?: Sent) => Promise<Answer>;

export interface Sent {
  readonly query?: Query;
  readonly body?: object;
}

/** Longer than an inspection of a large Milvus takes; runs are never waited for inside of a call. */
const PATIENCE_MS = 120_000;

/**
 * A path of the API, each segment percent-encoded. `.` and `..` cannot be encoded (URLs resolve them away), and an
 * empty segment would name the list instead of one thing in it.
 */
export function apiPath(...segments: readonly string[]): string {
  for (const segment of segments) {
    if (segment !== '' && segment !== '.' && segment !== '..') continue;
    throw fail('NAME_INVALID', { expected: 'an id or a name', got: JSON.stringify(segment) });
  }
  return `/api/v1/${segments.map(encodeURIComponent).join('/')}`;
}

export function createCall({ api, token, signal }: ApiAddress): Call {
  return async <Answer>(method: 'GET' | 'POST' | 'DELETE', path: string, sent: Sent = {}): Promise<Answer> => {
    const url = new URL(`${api}${path}`);
    for (const [key, value] of Object.entries(sent.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== null) headers['authorization'] = `Bearer ${token.reveal()}`;
    if (sent.body !== undefined) headers['content-type'] = 'application/json';
    const stop = signal.aborted ? new AbortController().signal : signal;
    try {
      const response = await fetch(url, {
        method,
        headers,
        redirect: 'error',
        signal: AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]),
        ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
      });
      // The API's answers are checked against these very schemas before they are sent: the type is its promise.
      return (await answerOf(response, api)) as Answer;
    } catch (thrown) {
      stop.throwIfAborted();
      throw thrown instanceof TypeError || thrown instanceof DOMException ? unreachable(api, thrown) : thrown;
    }
  };
}

async function answerOf(response: Response, api: string): Promise<unknown> {
  const kind = response.headers.get('content-type') ?? 'nothing';
  const text = await response.text();
  const parsed = /\bjson\b/.test(kind) ? parse(text) : undefined;
  if (response.ok && parsed !== undefined) return parsed;
  if (!response.ok && isProblem(parsed)) throw errorOf(parsed);
  throw fail('API_UNREACHABLE', {
    what: `What answers at ${api} is not the milvault API`,
    expected: 'JSON of the milvault API',
    got: `HTTP ${String(response.status)} with ${kind}`,
    next: 'Check MILVAULT_API, and proxies on the way',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON in spite of its content type: the caller tells what answered.
    return undefined;
  }
}

const isProblem = (parsed: unknown): parsed is Problem =>
  typeof parsed === 'object' && parsed !== null && 'code' in parsed && 'detail' in parsed && 'next' in parsed;

/** The API's error as the error that it was; UNAUTHENTICATED is told in the words of the command line. */
function errorOf(problem: Problem): Error {
  const next =
    problem.code === 'UNAUTHENTICATED' ? 'Set MILVAULT_TOKEN, or file:PATH of a file that holds it' : problem.next;
  return fromErrorRecord({ ...problem, message: problem.detail, next });
}

function unreachable(api: string, thrown: Error): Error {
  const cause = thrown.cause instanceof Error ? thrown.cause : thrown;
  const why = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return fail('API_UNREACHABLE', { expected: `the milvault API at ${api}`, got: why, cause: thrown });
}
