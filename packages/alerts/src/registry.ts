import { systemClock, type Channel } from '@milvault/shared';
import { emailChannel } from './channels/email.ts';
import type { ChannelFactory, ChannelOptions } from './channels/factory.ts';
import { slackChannel } from './channels/slack.ts';
import type { ChannelSender } from './port.ts';

/** Every kind of channel. A new one is a file in `channels/`, a line here and a section in the configuration's schema. */
export const CHANNELS: { readonly [K in Channel['kind']]: ChannelFactory<K> } = {
  email: emailChannel,
  slack: slackChannel,
};

const DEFAULTS: ChannelOptions = { clock: systemClock, timeoutMs: 30_000 };

/** The senders of the configured channels, in their order. */
export function createChannels(
  channels: readonly Channel[],
  options: Partial<ChannelOptions> = {},
): readonly ChannelSender[] {
  const complete = { ...DEFAULTS, ...options };
  return channels.map((channel) =>
    channel.kind === 'email' ? CHANNELS.email(channel, complete) : CHANNELS.slack(channel, complete),
  );
}
