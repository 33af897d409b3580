import { fail, REDACTED, type MilvaultError } from '@milvault/shared';
import { oneLine } from '../text.ts';

export interface Refusal {
  /** Email or Slack, and the name of the channel. */
  readonly channel: string;
  /** True: the same message may get through later. */
  readonly temporary: boolean;
  readonly expected: string;
  readonly got: string;
  readonly retryAfterMs?: number | undefined;
  /** Texts that must not be told: the other side may have sent one of them back. */
  readonly secrets: readonly string[];
}

const MOST_SHOWN = 200;

/**
 * A delivery that failed. Errors of the mail and HTTP libraries carry addresses and passwords in their properties, so
 * they never travel as a cause: their code and the answer of the other side are in `got`.
 */
export function refusal({ channel, temporary, expected, got, retryAfterMs, secrets }: Refusal): MilvaultError {
  const clean = secrets
    .filter((secret) => secret !== '')
    .sort((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, REDACTED), got);
  return fail(temporary ? 'CHANNEL_FAILED' : 'CHANNEL_REJECTED', {
    what: `${channel} did not take the message`,
    expected,
    got: oneLine(clean, MOST_SHOWN),
    ...(retryAfterMs === undefined ? {} : { details: { retryAfterMs } }),
  });
}
