import { createChannels, render, type AlertEvent, type AlertMessage, type ChannelSender } from '@milvault/alerts';
import { Stopped, systemClock, toErrorRecord, type Channel } from '@milvault/shared';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

/**
 * How the other side behaves. `silent`: takes the connection and never answers. `refuse`: says no for good. `busy`: asks
 * to come back later. `hang-up`: closes in the middle. `babble`: speaks another protocol.
 */
export type SinkMode = 'accept' | 'silent' | 'refuse' | 'busy' | 'hang-up' | 'babble';

export interface Delivery {
  readonly subject: string;
  readonly text: string;
  /** What the receiver tells repeated deliveries by. */
  readonly id: string;
}

/** A real server on this machine that stands for the other side of one kind of channel. */
export interface Sink {
  readonly port: number;
  mode: SinkMode;
  /** What arrived since the last call. */
  take(): Delivery[];
  /** Connections that are open now. */
  open(): number;
  close(): Promise<void>;
}

export interface ChannelKind {
  readonly name: string;
  start(): Promise<Sink>;
  /** The configuration of a channel to the sink at `port`. */
  channel(port: number): Channel;
  /** Texts in that configuration that no error may hold. */
  readonly secrets: readonly string[];
  /** The text as it arrives. */
  readonly arrives?: (text: string) => string;
}

const event: AlertEvent = {
  key: 'run-failed/r1/1',
  incident: 'plan-failing/daily/backup',
  kind: 'opened',
  title: 'the backup of plan daily failed',
  facts: [{ label: 'Error', value: 'REPO_FULL' }],
  next: 'Free space',
  at: 0,
};
const message: AlertMessage = render(event);

const never = new AbortController().signal;

/** Everything that a ChannelSender promises (packages/alerts/src/port.ts). Each kind of channel passes all of it. */
export function channelContract(kind: ChannelKind): void {
  describe(`channel ${kind.name}`, () => {
    let sink: Sink;
    beforeAll(async () => {
      sink = await kind.start();
    });
    afterAll(() => sink.close());
    beforeEach(() => {
      sink.mode = 'accept';
      sink.take();
    });
    const arrives = kind.arrives ?? ((text: string) => text);
    const sender = (timeoutMs = 10_000, port = sink.port): ChannelSender => {
      const [one] = createChannels([kind.channel(port)], { timeoutMs });
      if (one === undefined) throw new Error('no sender was made');
      return one;
    };
    const failure = async (sending: Promise<void>): Promise<ReturnType<typeof toErrorRecord>> => {
      const error: unknown = await sending.then(
        () => expect.unreachable('was delivered'),
        (thrown: unknown) => thrown,
      );
      const told = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(toErrorRecord(error));
      for (const secret of kind.secrets) expect(told).not.toContain(secret);
      return toErrorRecord(error);
    };

    test('a message arrives with its subject, text and id', async () => {
      await sender().send(message, never);
      expect(sink.take()).toEqual([
        { subject: message.subject, text: expect.stringContaining(arrives(message.text.trim())), id: message.id },
      ]);
    });

    test('a repeated delivery carries the same id', async () => {
      const channel = sender();
      await channel.send(message, never);
      await channel.send(message, never);
      expect(sink.take().map((delivery) => delivery.id)).toEqual([message.id, message.id]);
    });

    test('many messages at once all arrive', async () => {
      const channel = sender();
      const messages = Array.from({ length: 20 }, (_, i) => render({ ...event, key: `run-failed/r${i}/1` }));
      await Promise.all(messages.map((one) => channel.send(one, never)));
      const arrived = sink.take().map((delivery) => delivery.id);
      expect(arrived.sort()).toEqual(messages.map((one) => one.id).sort());
    });

    test('a dead server is told as a failure that may pass', async () => {
      const closed = await kind.start();
      await closed.close();
      const error = await failure(sender(10_000, closed.port).send(message, never));
      expect(error).toMatchObject({ code: 'CHANNEL_FAILED', retryable: true });
      expect(error.got).toContain('ECONNREFUSED');
    });

    test('a server that never answers is given up in time', async () => {
      sink.mode = 'silent';
      const start = systemClock.monotonic();
      const error = await failure(sender(300).send(message, never));
      expect(error).toMatchObject({ code: 'CHANNEL_FAILED' });
      expect(systemClock.monotonic() - start).toBeLessThan(5_000);
    });

    test('a refusal is told as one that stays', async () => {
      sink.mode = 'refuse';
      expect(await failure(sender().send(message, never))).toMatchObject({
        code: 'CHANNEL_REJECTED',
        retryable: false,
      });
    });

    test.each(['busy', 'hang-up', 'babble'] as const)('a server in mode %s may be tried again', async (mode) => {
      sink.mode = mode;
      expect(await failure(sender().send(message, never))).toMatchObject({ code: 'CHANNEL_FAILED', retryable: true });
      expect(sink.take()).toEqual([]);
    });

    test('a channel works again as soon as its server does', async () => {
      const channel = sender();
      sink.mode = 'busy';
      await failure(channel.send(message, never));
      sink.mode = 'accept';
      await channel.send(message, never);
      expect(sink.take()).toHaveLength(1);
    });

    test('an abort ends a delivery that waits, with its own reason', async () => {
      sink.mode = 'silent';
      const controller = new AbortController();
      const reason = new Stopped('handover');
      const sending = sender().send(message, controller.signal);
      await until(() => sink.open() > 0);
      controller.abort(reason);
      await expect(sending).rejects.toBe(reason);
    });

    test('nothing is sent under a signal that is aborted already', async () => {
      const reason = new Stopped('cancelled');
      await expect(sender().send(message, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(sink.take()).toEqual([]);
    });

    test.each([
      ['a header', 'x\r\nBcc: evil@example.org'],
      ['a body', 'x\r\n\r\nThis is the body now'],
      ['the end of the message', 'x\r\n.\r\nMAIL FROM:<evil@example.org>'],
    ])('line breaks in a subject cannot make %s', async (_what, subject) => {
      await sender().send({ ...message, subject }, never);
      const [delivery, ...others] = sink.take();
      expect(others).toEqual([]);
      expect(delivery?.text).toContain(arrives(message.text.trim()));
    });

    test.each([
      ['dots at the start of lines', '.\n..\n.hidden\n'],
      ['other alphabets and emoji', 'Übung 映画 🎬 \u0301 العربية'],
      ['markup', '<!channel> <https://example.org|click> & *bold* `code` </pre>'],
      ['one line of 20,000 characters', 'x'.repeat(20_000)],
      ['many lines', 'line\n'.repeat(3_000)],
      ['quotes and backslashes', '"\\u0000" \\n \' =3D =\n=?UTF-8?B?eA==?='],
    ])('a text with %s arrives as it was', async (_what, text) => {
      await sender().send({ ...message, text: `${text.trim()}\n` }, never);
      const [delivery, ...others] = sink.take();
      expect(others).toEqual([]);
      expect(delivery?.text).toContain(arrives(text.trim()));
    });

    test('no connection stays open', async () => {
      await sender().send(message, never);
      sink.mode = 'silent';
      await failure(sender(200).send(message, never));
      await until(() => sink.open() === 0);
    });
  });
}

/** Polls until it is so, at most five seconds. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 250; tries++) {
    if (isSo()) return;
    await systemClock.sleep(20);
  }
  throw new Error('expected it to become true within 5 s');
}
