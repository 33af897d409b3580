import S3rver from 's3rver';
import type { S3Server, S3ServerOptions } from '../../scripts/parts/s3-server.ts';

/** A store that takes `If-None-Match: *` and overwrites all the same: what a probe must find out. In this process. */
export async function startS3rver(
  options: S3ServerOptions,
): Promise<S3Server & { running: { stop(): Promise<void> } }> {
  const server = new S3rver({ address: '127.0.0.1', port: options.port, directory: options.folder, silent: true });
  await server.run();
  return {
    endpoint: `http://127.0.0.1:${options.port}`,
    accessKey: 'S3RVER',
    secretKey: 'S3RVER',
    running: { stop: () => server.close() },
  };
}
