import axios, { isAxiosError } from 'axios';
import { fail, isLoopback, type Secret } from '@milvault/shared';

const TIMEOUT_MS = 10_000;

/**
 * Says to a watch of somebody else's that this one lives. CHANNEL_FAILED; may be repeated. The address is told to nobody:
 * whoever knows it could keep the other watch quiet.
 */
export async function beatHeart(address: Secret, signal: AbortSignal): Promise<void> {
  const url = address.reveal();
  let got: string;
  try {
    const { status } = await axios.get(url, {
      signal,
      timeout: TIMEOUT_MS,
      headers: { Connection: 'close' },
      maxRedirects: 0,
      maxContentLength: 64 * 1024,
      validateStatus: () => true,
      ...(isLoopback(new URL(url).hostname) ? { proxy: false as const } : {}),
    });
    if (status >= 200 && status < 300) return;
    got = `HTTP ${status}`;
  } catch (error) {
    signal.throwIfAborted();
    got = isAxiosError(error) ? (error.code ?? 'no answer') : 'no answer';
  }
  // Without its cause, which holds the address.
  throw fail('CHANNEL_FAILED', {
    what: 'The heartbeat was not taken',
    expected: 'HTTP 2xx',
    got,
    next: 'Check the address in `heartbeat`, and whether this machine reaches it',
  });
}
