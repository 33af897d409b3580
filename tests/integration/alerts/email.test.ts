import { createChannels, render } from '@milvault/alerts';
import { isMilvaultError, secret, type EmailChannel } from '@milvault/shared';
import type { SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { smtpSink } from '../../support/smtp-sink.ts';

const PASSWORD = 'planted-password';
const message = render({
  key: 'k',
  incident: 'i',
  kind: 'opened',
  title: 'the backup of plan täglich failed',
  facts: [],
  next: '',
  at: 0,
});

/** Sends one message to a server with these options; gives what arrived and what was thrown. */
async function send(options: SMTPServerOptions, channel: Partial<EmailChannel> = {}) {
  const sink = await smtpSink(options);
  onTestFinished(sink.close);
  const complete: EmailChannel = {
    kind: 'email',
    name: 'ops',
    from: 'Milvus Backups <backups@example.org>',
    to: ['Ops <ops@example.org>'],
    host: '127.0.0.1',
    port: sink.port,
    secure: false,
    user: null,
    password: null,
    ...channel,
  };
  const [sender] = createChannels([complete], { timeoutMs: 10_000 });
  const error: unknown = await sender?.send(message, new AbortController().signal).catch((thrown: unknown) => thrown);
  if (error !== undefined && !isMilvaultError(error)) throw error;
  return { mails: sink.mails, error };
}

test('a mail has what mail programs need to sort, thread and not answer it', async () => {
  const { mails, error } = await send({});
  expect(error).toBeUndefined();
  const headers = Object.fromEntries(mails[0]?.headers ?? []);
  expect(headers).toMatchObject({
    from: 'Milvus Backups <backups@example.org>',
    to: 'Ops <ops@example.org>',
    subject: '[milvault] Milvus backup alert: the backup of plan täglich failed',
    'message-id': `<${message.id}@milvault>`,
    'auto-submitted': 'auto-generated',
    'x-milvault-alert': message.id,
  });
  expect(headers['date']).toMatch(/\d{4}/);
});

test('user and password are used', async () => {
  const seen: unknown[] = [];
  const { mails, error } = await send(
    {
      authOptional: false,
      onAuth: ({ username, password }, _session, done) => {
        seen.push({ username, password });
        done(null, { user: username });
      },
    },
    { user: 'backups', password: secret(PASSWORD) },
  );
  expect(error).toBeUndefined();
  expect(seen).toEqual([{ username: 'backups', password: PASSWORD }]);
  expect(mails).toHaveLength(1);
});

test('a wrong password is refused for good and is not told', async () => {
  const { mails, error } = await send(
    { onAuth: ({ password }, _session, done) => done(new Error(`the password ${password} is wrong`)) },
    { user: 'backups', password: secret(PASSWORD) },
  );
  expect(error).toMatchObject({ code: 'CHANNEL_REJECTED', got: expect.stringContaining('535') });
  expect(`${error?.message} ${error?.got}`).not.toContain(PASSWORD);
  expect(mails).toEqual([]);
});

test('a password is not said to another machine in the clear', async () => {
  const heard: unknown[] = [];
  const { mails, error } = await send(
    { onAuth: (auth, _session, done) => (heard.push(auth), done(null, { user: 'x' })) },
    // This machine under an address that is not known as loopback.
    { host: '0.0.0.0', user: 'backups', password: secret(PASSWORD) },
  );
  expect(error).toMatchObject({ code: 'CHANNEL_REJECTED', got: expect.stringContaining('STARTTLS') });
  expect({ heard, mails }).toEqual({ heard: [], mails: [] });
});

test('a server that nobody vouches for is not trusted', async () => {
  const { mails, error } = await send({ secure: true }, { secure: true });
  expect(error).toMatchObject({ code: 'CHANNEL_FAILED', got: expect.stringMatching(/certificate/) });
  expect(mails).toEqual([]);
});

test.each([
  [550, 'CHANNEL_REJECTED'],
  [450, 'CHANNEL_FAILED'],
])('one refused recipient of two is told (%i), and the other has the mail', async (responseCode, code) => {
  const { mails, error } = await send(
    {
      onRcptTo: ({ address }, _session, done) =>
        done(address.startsWith('gone') ? Object.assign(new Error('no such user'), { responseCode }) : null),
    },
    { to: ['ops@example.org', 'gone@example.org'] },
  );
  expect(error).toMatchObject({ code, got: expect.stringContaining('1 of 2 recipients were refused') });
  expect(mails.map((mail) => mail.to)).toEqual([['ops@example.org']]);
});

test.each([
  [552, 'CHANNEL_REJECTED'],
  [452, 'CHANNEL_FAILED'],
])('a mail that is read and then answered with %i is %s', async (responseCode, code) => {
  const { error } = await send({
    onData: (stream, _session, done) => {
      stream.resume().on('end', () => done(Object.assign(new Error('not this one'), { responseCode })));
    },
  });
  expect(error).toMatchObject({ code, got: expect.stringContaining(`${responseCode} not this one`) });
});

test('a host that does not exist is told as such', async () => {
  const { error } = await send({}, { host: 'mail.invalid' });
  expect(error).toMatchObject({ code: 'CHANNEL_FAILED', got: expect.stringContaining('mail.invalid') });
});
