import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '@milvault/shared';

export interface ApiClient {
  readonly url: string;
  post<Answer>(path: string, body: unknown): Promise<Answer>;
  get<Answer>(path: string): Promise<Answer>;
  /** The run when it has ended well; an error with its reason when it has not. */
  finished(run: Run, signal: AbortSignal): Promise<Run>;
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly next?: string;
}

const ENDED: readonly Run['state'][] = ['succeeded', 'failed', 'cancelled', 'skipped'];

/** The API as `npm start` uses it: the same doors that anybody has. `token` is null where none is configured. */
export function createApiClient(url: string, token: string | null): ApiClient {
  const ask = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${url}${path}`, { method, headers, ...sent });
    const found: unknown = await answer.json();
    if (answer.ok) return found as Answer;
    const { code = String(answer.status), detail = 'no detail', next = '' } = found as Problem;
    throw new Error(`${method} ${path}: ${code}: ${detail}. ${next}`);
  };
  const get = <Answer>(path: string): Promise<Answer> => ask('GET', path);
  return {
    url,
    get,
    post: (path, body) => ask('POST', path, body),
    finished: async (started, signal) => {
      let run = started;
      while (!ENDED.includes(run.state)) {
        await sleep(100, undefined, { signal });
        run = await get<Run>(`/api/v1/runs/${encodeURIComponent(run.id)}`);
      }
      if (run.state === 'succeeded') return run;
      const { code = run.state, message = '', next = '' } = run.error ?? {};
      throw new Error(`The ${run.kind} ended as ${run.state}: ${code}: ${message}. ${next}`);
    },
  };
}
