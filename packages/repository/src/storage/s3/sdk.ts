import type * as S3 from '@aws-sdk/client-s3';
import type { S3Access } from '@milvault/shared';
import type { StoreLimits } from './limits.ts';

/** The vendor's client with the commands for it. */
export interface OpenSdk {
  readonly client: S3.S3Client;
  readonly sdk: typeof S3;
}

const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
function nothing(): void {
  /* What matters comes as an error; the SDK's own lines would get between those of a command. */
}

/**
 * Loads the SDK, which nobody needs who keeps backups in a folder. One try per call: retries are ours, because only we
 * know what a lost answer means. Checksums are ours too, as not every store takes the SDK's own.
 */
export async function openSdk(access: S3Access, limits: StoreLimits): Promise<OpenSdk> {
  const [sdk, { NodeHttpHandler }, { state }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@smithy/node-http-handler'),
    import('@aws-sdk/core/client'),
  ]);
  // It would tell on every start that later versions need Node 22. Ours is pinned and runs on 20.
  state.warningEmitted = true;
  const { endpoint, region, credentials, pathStyle } = access;
  const client = new sdk.S3Client({
    region,
    forcePathStyle: pathStyle,
    maxAttempts: 1,
    followRegionRedirects: false,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: SILENT,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: limits.connectMs,
      socketTimeout: limits.idleMs,
      logger: SILENT,
    }),
    ...(endpoint === null ? {} : { endpoint }),
    ...(credentials === null
      ? {}
      : {
          credentials: {
            accessKeyId: credentials.accessKey.reveal(),
            secretAccessKey: credentials.secretKey.reveal(),
            ...(credentials.sessionToken === null ? {} : { sessionToken: credentials.sessionToken.reveal() }),
          },
        }),
  });
  return { client, sdk };
}
