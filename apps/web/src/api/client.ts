import type { Problem } from '@milvault/shared';

const BASE = '/api/v1';

/** What the API refused, with its code and what to do next. */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A page of a list, and how long the whole list is. */
export interface List<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** The answer, whose shape the API checks by the schema that `Answer` comes from. ApiError for everything else. */
export const get = <Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> =>
  ask<Answer>('GET', `${path}${searchOf(query)}`, undefined, signal);

export const post = <Answer>(path: string, body: object = {}): Promise<Answer> => ask<Answer>('POST', path, body);

export const put = <Answer>(path: string, body: object): Promise<Answer> => ask<Answer>('PUT', path, body);

export const remove = <Answer>(path: string, query: Query = {}): Promise<Answer> =>
  ask<Answer>('DELETE', `${path}${searchOf(query)}`);

/** A value as one part of a path, whatever it holds. */
export const part = (value: string): string => encodeURIComponent(value);

export function searchOf(query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

async function ask<Answer>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<Answer> {
  const answer = await sent(`${BASE}${path}`, {
    method,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (answer.ok) return (await answer.json()) as Answer;
  if (answer.status === 401) leaveForLogin();
  throw new ApiError(await problemOf(answer));
}

async function sent(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (thrown) {
    if (init.signal?.aborted === true) throw thrown;
    throw new ApiError(unreachable(String(thrown)));
  }
}

/** The session is over: logged in again, people come back to where they were. */
function leaveForLogin(): void {
  const { pathname, search } = window.location;
  window.location.assign(`/login?next=${encodeURIComponent(`${pathname}${search}`)}`);
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    // A proxy in between answered in words of its own.
    return { ...unreachable(answer.statusText), status: answer.status };
  }
}

const unreachable = (detail: string): Problem => ({
  type: 'urn:milvault:error:API_UNREACHABLE',
  title: 'The milvault API does not answer',
  status: 503,
  code: 'API_UNREACHABLE',
  detail,
  next: 'Check that the API runs; this page goes on by itself when it is back',
  retryable: true,
  instance: '',
});
