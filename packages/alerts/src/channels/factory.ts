import type { Channel, Clock } from '@milvault/shared';
import type { ChannelSender } from '../port.ts';

export interface ChannelOptions {
  readonly clock: Clock;
  /** Most milliseconds that one delivery may take, from the first look-up to the last answer. */
  readonly timeoutMs: number;
}

/** Makes the sender of one kind of channel. Opens nothing: each `send` acquires and releases what it needs. */
export type ChannelFactory<K extends Channel['kind']> = (
  channel: Extract<Channel, { kind: K }>,
  options: ChannelOptions,
) => ChannelSender;
