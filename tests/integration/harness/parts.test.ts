import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { answersVersion } from '../../../scripts/parts/milvus-call.ts';
import { servers } from '../../support/servers.ts';

const redisSays = (url: string, ...commands: string[]): Promise<string> =>
  new Promise((settle, reject) => {
    const { hostname, port } = new URL(url);
    const socket = new Socket().connect(Number(port), hostname);
    let answer = '';
    socket.once('error', reject);
    socket.on('data', (piece) => (answer += piece.toString()));
    socket.once('close', () => {
      settle(answer);
    });
    socket.write([...commands, 'QUIT', ''].join('\r\n'));
  });

describe('the servers of the harness', () => {
  it('are a Milvus, a Milvus Lite and a Redis that answer', async () => {
    const { milvus, lite, redis } = servers();
    expect(await answersVersion(milvus)).toBe(true);
    expect(await answersVersion(lite)).toBe(true);
    expect(await redisSays(redis, 'PING')).toContain('+PONG');
  });

  it('include a Redis that keeps everything, as milvault asks of every Redis', async () => {
    const settings = await redisSays(servers().redis, 'CONFIG GET appendonly', 'CONFIG GET maxmemory-policy');
    expect(settings).toMatch(/appendonly\r\n\$3\r\nyes/);
    expect(settings).toMatch(/maxmemory-policy\r\n\$10\r\nnoeviction/);
  });
});
