import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/**
 * Below the range from which Linux (32768) and macOS (49152) give ports to outgoing connections: a port that is free now
 * is not handed to somebody's connection in the seconds until our server binds it.
 */
const FROM = 20_000;
const TO = 32_000;
const ATTEMPTS = 500;

const bind = (port: number): Promise<Server | null> =>
  new Promise((settle) => {
    const server = createServer();
    server.once('error', () => {
      settle(null);
    });
    // Without a host: a port is free only if nobody has it on any address.
    server.listen(port, () => {
      settle(server);
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((settle) => {
    server.close(() => {
      settle();
    });
  });

/** `count` different TCP ports that nobody listens on. Held together until all are found, then let go. */
export async function freePorts(count: number): Promise<number[]> {
  const held = new Map<number, Server>();
  for (let attempt = 0; held.size < count && attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FROM, TO);
    const server = held.has(port) ? null : await bind(port);
    if (server !== null) held.set(port, server);
  }
  await Promise.all([...held.values()].map(close));
  if (held.size < count) throw new Error(`expected ${count} free ports between ${FROM} and ${TO}, found ${held.size}`);
  return [...held.keys()];
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error('freePorts(1) gave none');
  return port;
}

/** True when nobody listens on this port. */
export async function isFree(port: number): Promise<boolean> {
  const server = await bind(port);
  if (server !== null) await close(server);
  return server !== null;
}
