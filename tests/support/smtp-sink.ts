import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { parseMail, type Mail } from './mail.ts';

export interface ReceivedMail extends Mail {
  readonly from: string;
  readonly to: readonly string[];
}

export interface TcpSink {
  readonly port: number;
  /** Connections that are open now. */
  open(): number;
  close(): Promise<void>;
}

/**
 * A server on a free port of this machine. Closing it waits until every client has hung up, so a client that leaves a
 * connection open fails its test. (Destroying a socket in the middle of a TLS handshake crashes Node 20.)
 */
export async function tcpSink(serve: (socket: Socket) => void): Promise<TcpSink> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    const forget = (): void => void sockets.delete(socket);
    // A client that hangs up is part of the tests.
    socket.on('close', forget).on('error', forget);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // A listening TCP server has an address with a port.
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/**
 * The real `smtp-server`, which keeps what it is sent. Options decide whom and what it takes; `instead` may serve a
 * connection in a way of its own and say so.
 */
export async function smtpSink(
  options: SMTPServerOptions = {},
  instead: (socket: Socket) => boolean = () => false,
): Promise<TcpSink & { readonly mails: ReceivedMail[] }> {
  const mails: ReceivedMail[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const mail = parseMail(Buffer.concat(chunks).toString('latin1'));
        mails.push({ ...mail, from, to: rcptTo.map((to) => to.address) });
        done();
      });
    },
    ...options,
  });
  smtp.on('error', () => undefined);
  const sink = await tcpSink((socket) => {
    if (!instead(socket)) smtp.server.emit('connection', socket);
  });
  return { ...sink, mails };
}
