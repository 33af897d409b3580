import axios, { isAxiosError, type AxiosResponse } from 'axios';
import { fail, isLoopback, type MilvaultError } from '@milvault/shared';

export interface ToolRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Base address of the API, without a slash at the end. */
  readonly api: string;
  /** With its slash, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ToolReply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** The list of the official tool holds the name of each segment. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

/** One call. Any answer resolves, whatever its status; TOOL_UNREACHABLE, TOOL_TIMEOUT, or the reason of the signal. */
export async function callTool(request: ToolRequest): Promise<ToolReply> {
  const { method, api, path, query, body, headers, timeoutMs, signal } = request;
  signal.throwIfAborted();
  const limit = AbortSignal.timeout(timeoutMs);
  let response: AxiosResponse<string>;
  try {
    response = await axios.request<string>({
      method,
      url: `${api}${path}`,
      ...(query === undefined ? {} : { params: query }),
      ...(body === undefined ? {} : { data: body }),
      headers: { Accept: 'application/json', ...headers },
      signal: AbortSignal.any([signal, limit]),
      // A redirected call may do something else than was asked, at an address that nobody configured.
      maxRedirects: 0,
      maxContentLength: LARGEST_ANSWER,
      responseType: 'text',
      // Parsed by `readJson`: the parser of JavaScript rounds 64-bit numbers.
      transformResponse: (text: string) => text,
      validateStatus: () => true,
      ...(isLoopback(new URL(api).hostname) ? { proxy: false as const } : {}),
    });
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw slow(request, error);
    throw unreachable(request, error);
  }
  return { status: response.status, contentType: String(response.headers['content-type'] ?? ''), text: response.data };
}

const slow = ({ method, path, api, timeoutMs }: ToolRequest, cause: unknown): MilvaultError =>
  fail('TOOL_TIMEOUT', {
    what: `The backup tool at ${api} did not answer ${method} ${path}`,
    expected: `an answer within ${timeoutMs / 1000} s`,
    got: 'none',
    cause,
  });

const unreachable = ({ method, path, api }: ToolRequest, cause: unknown): MilvaultError =>
  fail('TOOL_UNREACHABLE', {
    what: `The backup tool at ${api} does not answer ${method} ${path}`,
    got: (isAxiosError(cause) ? cause.code : undefined) ?? 'no connection',
    cause,
  });
