import type { Channel } from '@milvault/shared';

/** Something that people must be told, or told that it is over. Plain JSON: it travels through a queue. */
export interface AlertEvent {
  /** Same for each telling of one happening: the second one is dropped. E.g. `run-failed/<run>/<endedAt>`. */
  readonly key: string;
  /** Same for all events of one problem, from its first sign to its end. E.g. `plan-failing/<plan>/backup`. */
  readonly incident: string;
  readonly kind: 'opened' | 'reminder' | 'recovered';
  readonly title: string;
  /** Facts, one a line, in the order to be shown. No secrets. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** What to do next; empty for a recovery. */
  readonly next: string;
  readonly at: number;
}

/** A rendered alert: what every channel sends in its own way. */
export interface AlertMessage {
  /** Says that it is a Milvus backup alert (original-system contract). */
  readonly subject: string;
  readonly text: string;
  /** Stable, so that a mail server drops a repeated delivery. */
  readonly id: string;
}

/** One way to tell people. */
export interface ChannelSender {
  readonly kind: Channel['kind'];
  readonly name: string;
  /**
   * Delivers or rejects: CHANNEL_FAILED (may work later: refused connection, time-out, 4xx of SMTP, HTTP 429 or 5xx,
   * with `details.retryAfterMs` where the other side said) or CHANNEL_REJECTED (never will). May be repeated: the
   * message id is the same.
   */
  send(message: AlertMessage, signal: AbortSignal): Promise<void>;
  /** Goes as far as it can without a message: connects, and logs in where that is asked for. Rejects as `send` does. */
  check(signal: AbortSignal): Promise<void>;
}
