import type { ServerResponse } from 'node:http';
import { secret } from '@milvault/shared';
import { httpSink, type Posted } from '../../support/http-sink.ts';
import { channelContract, type ChannelKind, type Delivery, type Sink, type SinkMode } from '../channel.ts';

const PATH = '/services/T0PLANTED/B0PLANTED/planted-webhook';

const answers: Record<SinkMode, (response: ServerResponse) => void> = {
  accept: (response) => response.end('ok'),
  refuse: (response) => response.writeHead(404).end(`no_service at ${PATH}`),
  busy: (response) => response.writeHead(429, { 'retry-after': '7' }).end('slow down'),
  silent: () => undefined,
  'hang-up': (response) => response.socket?.destroy(),
  babble: (response) => response.socket?.end('220 mail.example.org ESMTP\r\n'),
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The body is `{"text": …}` and nothing else: first the subject, then the text, which ends with the id. */
function toDelivery({ body }: Posted): Delivery {
  const { text, ...others } = JSON.parse(body) as { text: string };
  if (Object.keys(others).length > 0) throw new Error(`expected only a text, got ${Object.keys(others).join()}`);
  const [subject = '', ...lines] = text.split('\n\n');
  return { subject, text: lines.join('\n\n'), id: /alert (\w+)\s*$/.exec(text)?.[1] ?? '' };
}

const slack: ChannelKind = {
  name: 'slack',
  secrets: [PATH, 'T0PLANTED', 'planted-webhook'],
  arrives: escaped,
  channel: (port) => ({ kind: 'slack', name: 'chat', webhook: secret(`http://127.0.0.1:${port}${PATH}`) }),
  start: async () => {
    const sink: Sink = { mode: 'accept', port: 0, take: () => [], open: () => 0, close: () => Promise.resolve() };
    const server = await httpSink((response) => {
      answers[sink.mode](response);
      if (sink.mode !== 'accept') server.posts.pop();
    });
    const take = () => server.posts.splice(0).map(toDelivery);
    return Object.assign(sink, { port: server.port, take, open: server.open, close: server.close });
  },
};

channelContract(slack);
