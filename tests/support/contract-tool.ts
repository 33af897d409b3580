import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tcpSink, type TcpSink } from './smtp-sink.ts';

/** A backup as the tool of the original keeps it. */
export interface ToolEntry {
  readonly collections: readonly string[];
  readonly base: string | null;
  valid: boolean;
}

export interface ToolCall {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** Takes an answer over; true where it did. */
export type Fault = (call: ToolCall, response: ServerResponse) => boolean | Promise<boolean>;

export interface ContractTool extends TcpSink {
  readonly api: string;
  readonly backups: Map<string, ToolEntry>;
  readonly calls: ToolCall[];
  /** Asked before each answer; null: none. */
  fault: Fault | null;
}

const ROWS = 1_234;

/** A real HTTP server with the original's contract, strict as a tool may be: a name only once, a base only if it is there. */
export async function contractTool(): Promise<ContractTool> {
  const backups = new Map<string, ToolEntry>();
  const calls: ToolCall[] = [];
  const server = createServer((request, response) => void answer(request, response));
  const sink = await tcpSink((socket) => server.emit('connection', socket));
  const tool: ContractTool = { ...sink, api: `http://127.0.0.1:${sink.port}/api/v1`, backups, calls, fault: null };
  return tool;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const call = { method: request.method ?? '', path: request.url ?? '', body };
    calls.push(call);
    if (tool.fault !== null && (await tool.fault(call, response))) return;
    serve(call, response);
  }

  function serve({ method, path, body }: ToolCall, response: ServerResponse): void {
    const name = String(body['backup_name']);
    if (method === 'POST' && path === '/api/v1/backup/create') return create(name, body, response);
    if (method === 'POST' && path === '/api/v1/backup/verify') {
      const entry = backups.get(name);
      if (entry === undefined) return send(response, 404, { code: 404, message: `backup ${name} not found` });
      return send(response, 200, { code: 0, data: { is_valid: entry.valid } });
    }
    if (method === 'DELETE' && path === '/api/v1/backup/delete') {
      const known = backups.delete(name);
      return known ? send(response, 200, { code: 0 }) : send(response, 404, { code: 404, message: 'not found' });
    }
    send(response, 404, '<html>404</html>');
  }

  function create(name: string, body: Record<string, unknown>, response: ServerResponse): void {
    if (backups.has(name)) return send(response, 200, { code: 1, message: `backup ${name} exists` });
    const base = typeof body['base_backup'] === 'string' ? body['base_backup'] : null;
    if (base !== null && !backups.has(base)) return send(response, 200, { code: 1, message: `no base ${base}` });
    backups.set(name, { collections: body['collections'] as string[], base, valid: true });
    send(response, 200, { code: 0, data: { total_entities: ROWS, backup_size: 56_789, duration: 1.5 } });
  }
}

export function send(response: ServerResponse, status: number, body: object | string): void {
  const type = typeof body === 'string' ? 'text/html' : 'application/json';
  response.writeHead(status, { 'content-type': type });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
