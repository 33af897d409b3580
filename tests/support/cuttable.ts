import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A way to a real server that can be cut and mended: what is behind it never knows. */
export interface Cuttable {
  /** host:port to use instead of the server's. */
  readonly address: string;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function cuttable(host: string, port: number): Promise<Cuttable> {
  const sockets = new Set<Socket>();
  let whole = true;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // A broken connection is what this is for.
    return socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  const server = createServer((near) => {
    keep(near);
    if (!whole) return void near.destroy();
    const far = keep(connect(port, host));
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakAll = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`, // A listening TCP server has a port.
    cut: () => {
      whole = false;
      breakAll();
    },
    mend: () => {
      whole = true;
    },
    close: async () => {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
