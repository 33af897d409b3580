import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { render, type AlertMessage } from '@milvault/alerts';
import { ChannelList, ChannelTested, fail, newId, type Channel, type ChannelView, type Clock } from '@milvault/shared';
import { whileConnected } from '../../live/while-connected.ts';
import type { ApiParts } from '../../parts.ts';
import { answers } from '../answers.ts';

const Params = Type.Object({ channel: Type.String() }, { additionalProperties: false });
const tags = ['channels'];

export const channelRoutes =
  ({ config, channels, clock }: ApiParts): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/channels',
      {
        config: { needs: 'viewer' },
        schema: {
          operationId: 'listChannels',
          tags,
          summary: 'Who is told, without secrets',
          response: answers(200, ChannelList),
        },
      },
      async () => ({ channels: config.channels.map(channelView), total: config.channels.length }),
    );

    app.post(
      '/channels/:channel/test',
      {
        config: { needs: 'operator' },
        schema: {
          operationId: 'testChannel',
          tags,
          summary: 'Send a test message now',
          params: Params,
          response: answers(200, ChannelTested),
        },
      },
      async ({ params }, reply) => {
        const sender = channels.find((channel) => channel.name === params.channel);
        if (sender === undefined) {
          const names = channels.map(({ name }) => name).join(' or ') || 'a channel in the configuration';
          throw fail('CHANNEL_NOT_FOUND', { expected: names, got: JSON.stringify(params.channel) });
        }
        const startedAt = clock.monotonic();
        await sender.send(testMessage(sender.name, clock), whileConnected(reply));
        const durationMs = Math.round(clock.monotonic() - startedAt);
        return { channel: sender.name, delivered: true, durationMs } as const;
      },
    );
  };

/** The key is new each time, so that no mail server takes a second test for a repetition of the first. */
const testMessage = (channel: string, clock: Clock): AlertMessage =>
  render({
    key: `channel-test/${channel}/${newId(clock)}`,
    incident: `channel-test/${channel}`,
    kind: 'opened',
    title: 'this is a test, nothing is wrong',
    facts: [{ label: 'Channel', value: channel }],
    next: 'Nothing: alerts of milvault reach you here',
    at: clock.now(),
  });

const channelView = (channel: Channel): ChannelView => ({
  name: channel.name,
  kind: channel.kind,
  to: channel.kind === 'email' ? [...channel.to] : [],
});
