import type { Secret } from '../secret.ts';
import type { S3Access, S3Credentials } from './config.ts';
import type { S3Section } from './schema.ts';

/** What one place says, and behind it what holds for all of them. */
export type S3Layers = readonly [S3Section, S3Section];

const USUAL_REGION = 'us-east-1';

/** A key that the first layer leaves out is taken from the second. The keys of one account are never mixed with another's. */
export function buildS3([own, common]: S3Layers, reveal: (text: string) => Secret): S3Access {
  const { endpoint = null, region = USUAL_REGION, pathStyle, checksum = 'sha256' } = { ...common, ...own };
  return {
    endpoint: endpoint?.replace(/\/+$/, '') ?? null,
    region,
    credentials: credentialsOf(own, reveal) ?? credentialsOf(common, reveal),
    // Stores of one's own seldom have a host name for each bucket.
    pathStyle: pathStyle ?? endpoint !== null,
    checksum,
  };
}

function credentialsOf(section: S3Section, reveal: (text: string) => Secret): S3Credentials | null {
  const { accessKey, secretKey, sessionToken } = section;
  if (accessKey === undefined || secretKey === undefined) return null;
  return {
    accessKey: reveal(accessKey),
    secretKey: reveal(secretKey),
    sessionToken: sessionToken === undefined ? null : reveal(sessionToken),
  };
}
