import { expect } from 'vitest';
import { secret } from '@milvault/shared';
import { smtpSink, type ReceivedMail } from '../../support/smtp-sink.ts';
import { channelContract, type ChannelKind, type Delivery, type Sink, type SinkMode } from '../channel.ts';

const PASSWORD = 'planted-password';

const refusals: Partial<Record<SinkMode, { text: string; responseCode: number }>> = {
  refuse: { text: `no such user, and your password is ${PASSWORD}`, responseCode: 550 },
  busy: { text: 'greylisted, come back later', responseCode: 451 },
};

function toDelivery({ headers, text, from, to }: ReceivedMail): Delivery {
  const value = (name: string): string => headers.find((header) => header[0] === name)?.[1] ?? '';
  // Whatever the message says, it goes to those who are configured and to nobody else.
  expect({ from, to }).toEqual({ from: 'backups@example.org', to: ['ops@example.org', 'dba@example.org'] });
  expect(headers.map(([name]) => name)).not.toContain('bcc');
  return { subject: value('subject'), text, id: /^<(.+)@milvault>$/.exec(value('message-id'))?.[1] ?? '' };
}

const email: ChannelKind = {
  name: 'email',
  secrets: [PASSWORD, Buffer.from(PASSWORD).toString('base64')],
  channel: (port) => ({
    kind: 'email',
    name: 'ops',
    from: 'Backups <backups@example.org>',
    to: ['ops@example.org', 'dba@example.org'],
    host: '127.0.0.1',
    port,
    secure: false,
    user: 'backups',
    password: secret(PASSWORD),
  }),
  start: async () => {
    const sink: Sink = { mode: 'accept', port: 0, take: () => [], open: () => 0, close: () => Promise.resolve() };
    const server = await smtpSink(
      {
        onAuth: (auth, _session, done) => {
          done(null, auth.password === PASSWORD ? { user: 'backups' } : {});
        },
        onRcptTo: (_address, _session, done) => {
          const refusal = refusals[sink.mode];
          done(refusal === undefined ? null : Object.assign(new Error(refusal.text), refusal));
        },
      },
      (socket) => {
        if (sink.mode === 'babble') socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
        else if (sink.mode === 'hang-up')
          socket.write('220 hello\r\n', () => socket.once('data', () => socket.destroy()));
        return sink.mode === 'babble' || sink.mode === 'hang-up' || sink.mode === 'silent';
      },
    );
    const take = () => server.mails.splice(0).map(toDelivery);
    return Object.assign(sink, { port: server.port, take, open: server.open, close: server.close });
  },
};

channelContract(email);
