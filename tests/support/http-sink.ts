import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tcpSink, type TcpSink } from './smtp-sink.ts';

export interface Posted {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real HTTP server that keeps what was posted to it; `answer` decides what the poster hears, if anything. */
export async function httpSink(
  answer: (response: ServerResponse, posted: Posted) => void,
): Promise<TcpSink & { readonly posts: Posted[] }> {
  const posts: Posted[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const posted = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      posts.push(posted);
      answer(response, posted);
    });
  });
  const sink = await tcpSink((socket) => server.emit('connection', socket));
  return { ...sink, posts };
}
