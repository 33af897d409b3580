import { createTransport } from 'nodemailer';
import { isLoopback, type EmailChannel } from '@milvault/shared';
import { deadline } from './deadline.ts';
import type { ChannelFactory } from './factory.ts';
import { refusal } from './refusal.ts';

/**
 * One connection per message: alerts are rare, and an idle connection would be dead when it is needed.
 * With a password the connection must be encrypted, except to this machine itself.
 */
export const emailChannel: ChannelFactory<'email'> = (channel, { timeoutMs }) => {
  const password = channel.password?.reveal() ?? '';
  const auth = channel.user === null ? null : { user: channel.user, pass: password };
  const name = `The e-mail channel ${channel.name} (${channel.host}:${channel.port})`;
  const open = () =>
    createTransport({
      host: channel.host,
      port: channel.port,
      secure: channel.secure,
      ...(auth === null ? {} : { auth, forceAuth: true }),
      requireTLS: auth !== null && !isLoopback(channel.host),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  const withServer = async <T>(
    signal: AbortSignal,
    talk: (transport: ReturnType<typeof open>, signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const limit = deadline(signal, timeoutMs);
    const transport = open();
    try {
      return await talk(transport, limit.signal);
    } catch (error) {
      const late = limit.passed() ? `no answer within ${timeoutMs} ms` : null;
      const temporary = late !== null || isTemporary(error);
      throw smtpRefusal(name, late ?? smtpText(error), temporary, spoken(channel, password));
    } finally {
      transport.close();
    }
  };
  return {
    kind: 'email',
    name: channel.name,
    // Its waits end by the time limits of the connection; it knows no signal.
    check: (signal) => withServer(signal, async (transport) => void (await transport.verify())),
    send: async (message, signal) => {
      const info = await withServer(signal, (transport, limit) =>
        transport.sendMail({
          from: channel.from,
          to: [...channel.to],
          subject: message.subject,
          text: message.text,
          messageId: `<${message.id}@milvault>`,
          // Keeps out-of-office answers away (RFC 3834).
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Milvault-Alert': message.id },
          signal: limit,
        }),
      );
      const refused = info.rejectedErrors ?? [];
      if (refused.length === 0) return;
      // The others have the message; told all the same, as somebody who should know does not.
      const got = `${refused.length} of ${channel.to.length} recipients were refused: ${refused.map(smtpText).join('; ')}`;
      throw smtpRefusal(name, got, refused.every(isTemporary), spoken(channel, password));
    },
  };
};

const smtpRefusal = (channel: string, got: string, temporary: boolean, secrets: readonly string[]) =>
  refusal({ channel, temporary, expected: 'the mail server to accept it', got, secrets });

/** The password in each form in which SMTP's AUTH PLAIN and LOGIN say it. */
function spoken({ user }: EmailChannel, password: string): string[] {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  return password === '' ? [] : [password, base64(password), base64(`\0${user ?? ''}\0${password}`)];
}

interface SmtpFacts {
  readonly code?: unknown;
  readonly responseCode?: unknown;
}

/** What nodemailer says of a failure beside its message. Any value has these properties, if only as undefined. */
const factsOf = (error: unknown): SmtpFacts => (typeof error === 'object' && error !== null ? error : {});

/**
 * SMTP's own word decides: 4xx may work later, 5xx never will. Without an answer the connection failed, which may mend,
 * unless nodemailer found the envelope or the message itself impossible.
 */
function isTemporary(error: unknown): boolean {
  const { code, responseCode } = factsOf(error);
  if (typeof responseCode === 'number' && responseCode >= 400) return responseCode < 500;
  return code !== 'EENVELOPE' && code !== 'EMESSAGE' && code !== 'ECONFIG' && code !== 'ENOAUTH';
}

/** nodemailer's message holds what the server said, or which address did not answer; `refusal` takes the secrets out. */
const smtpText = (error: unknown): string => (error instanceof Error ? error.message : 'an unknown failure');
