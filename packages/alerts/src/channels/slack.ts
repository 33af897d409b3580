import axios, { isAxiosError, type AxiosResponse } from 'axios';
import { isLoopback, type Clock } from '@milvault/shared';
import { cut } from '../text.ts';
import { deadline } from './deadline.ts';
import type { ChannelFactory } from './factory.ts';
import { refusal } from './refusal.ts';

/** Slack cuts texts at 40,000 characters without a word. */
const LONGEST_TEXT = 39_000;
const LARGEST_ANSWER = 64 * 1024;
const LONGEST_WAIT_MS = 3_600_000;

/** Slack's incoming webhooks: `{"text": …}` is answered by 200 and `ok`; anything else is no delivery. */
export const slackChannel: ChannelFactory<'slack'> = (channel, { clock, timeoutMs }) => {
  const webhook = channel.webhook.reveal();
  const url = new URL(webhook);
  const name = `The Slack channel ${channel.name}`;
  const secrets = [webhook, `${url.pathname}${url.search}`.slice(1), ...url.pathname.split('/').filter(isTokenLike)];
  const refuse = (got: string, temporary: boolean, retryAfterMs?: number) =>
    refusal({ channel: name, temporary, expected: 'HTTP 2xx', got, secrets, retryAfterMs });
  const ask = async (
    method: 'HEAD' | 'POST',
    data: object | undefined,
    signal: AbortSignal,
  ): Promise<AxiosResponse<string>> => {
    const limit = deadline(signal, timeoutMs);
    try {
      return await axios.request<string>({
        url: webhook,
        method,
        data,
        signal: limit.signal,
        timeout: timeoutMs,
        // The next alert is hours away: a connection kept for it would only be dead by then.
        headers: { Connection: 'close' },
        // A redirect would carry the message to an address that nobody configured.
        maxRedirects: 0,
        maxContentLength: LARGEST_ANSWER,
        responseType: 'text',
        transformResponse: (text: string) => text,
        validateStatus: () => true,
        ...(isLoopback(url.hostname) ? { proxy: false as const } : {}),
      });
    } catch (error) {
      if (limit.passed()) throw refuse(`no answer within ${timeoutMs} ms`, true);
      const code = isAxiosError(error) ? error.code : undefined;
      throw refuse(`no answer (${code ?? 'an unknown failure'})`, true);
    }
  };
  return {
    kind: 'slack',
    name: channel.name,
    // Whoever answers at all is there: only a message shows whether it would be taken.
    check: async (signal) => void (await ask('HEAD', undefined, signal)),
    send: async (message, signal) =>
      judge(await ask('POST', body(message.subject, message.text), signal), refuse, clock),
  };
};

/** Parts of the path that open the channel to whoever knows them; short words such as `services` are none. */
const isTokenLike = (part: string): boolean => part.length >= 9 && part !== 'workflows';

/** `&`, `<` and `>` are Slack's markup: escaped, no text of ours can ring `<!channel>` or hide a link. */
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const body = (subject: string, text: string): { text: string } => ({
  text: cut(escape(`${subject}\n\n${text}`), LONGEST_TEXT),
});

function judge(
  { status, headers, data }: AxiosResponse<string>,
  refuse: (got: string, temporary: boolean, retryAfterMs?: number) => Error,
  clock: Clock,
): void {
  if (status >= 200 && status < 300) return;
  const got = `HTTP ${status}${data.trim() === '' ? '' : ` (${data.slice(0, 500)})`}`;
  if (status === 429) throw refuse(got, true, retryAfter(headers['retry-after'], clock));
  throw refuse(got, status === 408 || status === 425 || status >= 500);
}

/** `Retry-After` in either form (RFC 9110, 10.2.3) as milliseconds from now; undefined where it says neither. */
function retryAfter(value: unknown, clock: Clock): number | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - clock.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_WAIT_MS);
}
