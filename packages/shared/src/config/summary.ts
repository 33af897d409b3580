import type { Config } from './config.ts';

/** The configuration as plain JSON to be shown to people: secrets are `[secret]`, of Redis only the place is told. */
export function configSummary(config: Config): Record<string, unknown> {
  const redis = new URL(config.redis.reveal());
  // A Secret turns itself into `[secret]` in JSON.
  const plain = JSON.parse(JSON.stringify(config)) as Record<string, unknown>;
  return { ...plain, redis: `${redis.protocol}//${redis.host}${redis.pathname}` };
}
