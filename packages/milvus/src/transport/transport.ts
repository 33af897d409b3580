import { setMaxListeners } from 'node:events';
import { Client, credentials, Metadata, type ClientUnaryCall, type ServiceError } from '@grpc/grpc-js';
import { fail, type Clock } from '@milvault/shared';
import {
  decodeMessage,
  encodeMessage,
  type MessageInit,
  type MessageOf,
  type MessageSpec,
} from '../protocol/message.ts';
import { Status } from '../protocol/messages.ts';
import type { Method } from '../protocol/methods.ts';
import { payloadsOf } from '../protocol/wire.ts';
import type { MilvusAddress } from '../port.ts';
import { faultOfStatus, isPageTooLarge } from './errors.ts';
import { faultOfCall } from './faults.ts';

export interface CallOptions {
  /** Sent in the `dbname` header, which newer servers prefer to the field of the request. */
  readonly database?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** One connection to one Milvus. Rejects with MilvaultErrors, {@link PageTooLarge}, or the signal's reason. */
export interface Transport {
  readonly address: string;
  readonly clock: Clock;
  /** A call whose reply is small: decoded, its status checked. */
  call<Q extends MessageSpec, R extends MessageSpec>(
    method: Method<Q, R>,
    request: MessageInit<Q>,
    options?: CallOptions,
  ): Promise<MessageOf<R>>;
  /** A call of ready bytes, answered with the reply's bytes; the status inside is not looked at. */
  send(name: string, request: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  close(): void;
}

const SERVICE = '/milvus.proto.milvus.MilvusService/';
/** The default of 64 KiB throttles even the loopback: the sender waits for window updates. */
const FLOW_CONTROL_WINDOW = 8 * 1024 * 1024;
const META_TIMEOUT_MS = 60_000;

const CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 20_000,
  // Retries are decided by us, call by call: a repeated insert would double rows.
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 5_000,
  // A channel of our own, so that each client has a connection of its own.
  'grpc.use_local_subchannel_pool': 1,
} as const;

export function openTransport(target: MilvusAddress, clock: Clock): Transport {
  const client = new Client(
    target.address,
    target.tls ? credentials.createSsl() : credentials.createInsecure(),
    CHANNEL_OPTIONS,
  );

  const headers = (database: string | undefined): Metadata => {
    const metadata = new Metadata();
    const token = target.credentials?.reveal();
    if (token !== undefined) metadata.set('authorization', Buffer.from(token, 'utf8').toString('base64'));
    if (database !== undefined) metadata.set('dbname', database);
    return metadata;
  };

  const send: Transport['send'] = async (name, request, { database, signal, timeoutMs = META_TIMEOUT_MS } = {}) => {
    signal?.throwIfAborted();
    const exchange = start(client, SERVICE + name, request, headers(database));
    try {
      return await withinTime(exchange, { clock, signal, timeoutMs });
    } catch (error) {
      signal?.throwIfAborted();
      throw isServiceError(error) ? faultOfCall(error, name, target.address) : error;
    }
  };

  return {
    address: target.address,
    clock,
    send,
    call: async (method, request, options) => {
      try {
        const reply = await send(method.name, encodeMessage(method.request, request), options);
        checkReply(method, reply);
        return decodeMessage(method.reply, reply);
      } catch (error) {
        // Only a query or a write can be made smaller; for all else it is a refusal like others.
        if (!isPageTooLarge(error)) throw error;
        throw fail('SOURCE_REJECTED', { what: `Milvus refused ${method.name}: ${error.message}`, cause: error });
      }
    },
    close: () => client.close(),
  };
}

interface Exchange {
  cancel(): void;
  readonly reply: Promise<Uint8Array>;
}

const isServiceError = (thrown: unknown): thrown is ServiceError =>
  thrown instanceof Error && 'code' in thrown && 'details' in thrown && 'metadata' in thrown;

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** `slice` of a Buffer is a view, of a plain array a copy: what leaves this file is plain, so that nobody is surprised. */
const asBytes = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);

function start(client: Client, path: string, request: Uint8Array, metadata: Metadata): Exchange {
  let call: ClientUnaryCall | undefined;
  const reply = new Promise<Uint8Array>((resolve, reject) => {
    call = client.makeUnaryRequest(
      path,
      asBuffer,
      (bytes: Buffer) => bytes,
      request,
      metadata,
      (error, bytes) => {
        if (error !== null) reject(error);
        else resolve(asBytes(bytes ?? Buffer.alloc(0)));
      },
    );
  });
  return { cancel: () => call?.cancel(), reply };
}

/** The reply, unless the signal or the time ends the call first: then it is cancelled on the server too. */
async function withinTime(
  { cancel, reply }: Exchange,
  { clock, signal, timeoutMs }: { clock: Clock; signal: AbortSignal | undefined; timeoutMs: number },
): Promise<Uint8Array> {
  const done = new AbortController();
  if (signal !== undefined) {
    // Any number of calls may wait on one run's signal; each takes its listener away again.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', cancel, { once: true });
  }
  const timer = clock.sleep(timeoutMs, done.signal).then(
    () => {
      cancel();
      throw fail('SOURCE_TIMEOUT', { expected: `an answer within ${timeoutMs / 1000} s`, got: 'none' });
    },
    // Ended by `done`: the reply is there.
    () => reply,
  );
  try {
    return await Promise.race([reply, timer]);
  } finally {
    done.abort();
    signal?.removeEventListener('abort', cancel);
    reply.catch(() => undefined);
    timer.catch(() => undefined);
  }
}

/** Every reply carries its status in field 1, or is a Status itself. */
function checkReply(method: Method, reply: Uint8Array): void {
  const status = method.reply === Status ? decodeMessage(Status, reply) : statusOf(reply);
  const fault = faultOfStatus(status, method.name);
  if (fault !== null) throw fault;
}

/** The status inside a reply; null where the server sent none, which means success. */
export function statusOf(reply: Uint8Array): MessageOf<typeof Status> | null {
  const [first] = payloadsOf(reply, 1);
  return first === undefined ? null : decodeMessage(Status, first);
}
