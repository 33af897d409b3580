import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** What goes wrong with one call on its way to a store, or back. */
export type WireFault =
  /** Done by the store; its answer never arrives. */
  | 'lose-answer'
  /** The connection breaks before the store hears anything. */
  | 'reset'
  /** No byte comes back, ever. */
  | 'hang'
  /** Head and half of the body come back, with the length of the whole; then the connection breaks. */
  | 'truncate'
  /** The right head, then a byte now and then. */
  | 'drip'
  /** The store answers this instead of doing it. */
  | { readonly status: number; readonly code: string };

export interface SeenCall {
  readonly method: string;
  readonly url: string;
  /** Of all calls so far, from 1. */
  readonly count: number;
}

export interface FaultyProxy {
  readonly endpoint: string;
  readonly calls: () => number;
  /** What decides from now on; null forwards everything. */
  set(decide: ((call: SeenCall) => WireFault | null) | null): void;
}

/** Stands in front of a store and lets its calls go wrong. Ends with the test. */
export async function faultyProxy(target: string): Promise<FaultyProxy> {
  let calls = 0;
  let decide: ((call: SeenCall) => WireFault | null) | null = null;
  const server = createServer((incoming, outgoing) => {
    calls += 1;
    const fault = decide?.({ method: incoming.method ?? '', url: incoming.url ?? '', count: calls }) ?? null;
    handle(new URL(target), fault, incoming, outgoing);
  });
  await new Promise<void>((settle) => {
    server.listen(0, '127.0.0.1', settle);
  });
  onTestFinished(() => stop(server));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected the proxy to have a port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    calls: () => calls,
    set: (next) => {
      decide = next;
    },
  };
}

function stop(server: Server): Promise<void> {
  return new Promise((settle) => {
    server.close(() => settle());
    server.closeAllConnections();
  });
}

function handle(target: URL, fault: WireFault | null, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (fault === 'reset') return void incoming.socket.destroy();
  if (fault === 'hang') return void incoming.resume();
  if (fault !== null && typeof fault === 'object') {
    const body = `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>${fault.code} on purpose</Message></Error>`;
    incoming.resume();
    incoming.once('end', () => {
      outgoing.writeHead(fault.status, { 'content-type': 'application/xml', 'content-length': body.length });
      outgoing.end(incoming.method === 'HEAD' ? undefined : body);
    });
    return;
  }
  // The signature covers the host that the client spoke to, so the header travels as it is.
  const { method, url, headers } = incoming;
  const way = forward({ host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
    void respond(answer, fault, incoming, outgoing);
  });
  way.on('error', () => incoming.socket.destroy());
  incoming.pipe(way);
}

async function respond(
  answer: IncomingMessage,
  fault: 'lose-answer' | 'truncate' | 'drip' | null,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of answer) pieces.push(piece as Uint8Array);
  const body = Buffer.concat(pieces);
  if (fault === 'lose-answer') return void incoming.socket.destroy();
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
  if (fault === null) return void outgoing.end(body);
  outgoing.write(body.subarray(0, fault === 'truncate' ? body.length >> 1 : 1));
  if (fault === 'truncate') setTimeout(() => incoming.socket.destroy(), 20);
  if (fault === 'drip') {
    const drip = setInterval(() => outgoing.write(Buffer.of(0)), 50);
    incoming.socket.once('close', () => clearInterval(drip));
  }
}
