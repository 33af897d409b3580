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
export type Call = <Answer>(method: Method, path: string, sent?: Sent) => Promise<Answer>;

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

export function createCall(address: ApiAddress): Call {
  return async <Answer>(method: Method, path: string, sent: Sent = {}): Promise<Answer> => {
    const stop = address.signal.aborted ? new AbortController().signal : address.signal;
    const until = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]);
    return guarded(address, stop, async () => {
      const response = await send(address, method, path, sent, until);
      // The API's answers are checked against these very schemas before they are sent: the type is its promise.
      return (await answerOf(response, address.api)) as Answer;
    });
  };
}

/** The body of an answer as it comes, however long that takes. What is no such answer is the error that it says. */
export async function* streamFrom(
  address: ApiAddress,
  path: string,
  query: Query,
  kind: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const response = await guarded(address, signal, () => send(address, 'GET', path, { query }, signal));
  const { body } = response;
  if (!response.ok || body === null || response.headers.get('content-type') !== kind) {
    await answerOf(response, address.api);
    throw fail('API_UNREACHABLE', { what: `What answers at ${address.api} sends no ${kind}` });
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  try {
    for (;;) {
      const { done, value } = await guarded(address, signal, () => reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever stops reading leaves the rest unsent. A stream that failed has nothing to cancel.
    await reader.cancel().catch(() => undefined);
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

function send(
  { api, token }: ApiAddress,
  method: Method,
  path: string,
  sent: Sent,
  signal: AbortSignal,
): Promise<Response> {
  const url = new URL(`${api}${path}`);
  for (const [key, value] of Object.entries(sent.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token !== null) headers['authorization'] = `Bearer ${token.reveal()}`;
  if (sent.body !== undefined) headers['content-type'] = 'application/json';
  return fetch(url, {
    method,
    headers,
    redirect: 'error',
    signal,
    ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
  });
}

/** The faults of the way, told as ours; a stop is told as the stop. */
async function guarded<T>({ api }: ApiAddress, stop: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    stop.throwIfAborted();
    throw thrown instanceof TypeError || thrown instanceof DOMException ? unreachable(api, thrown) : thrown;
  }
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
