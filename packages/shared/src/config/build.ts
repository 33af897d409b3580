import path from 'node:path';
import { Value } from 'typebox/value';
import { normaliseAddress } from '../ids.ts';
import { secret, type Secret } from '../secret.ts';
import { isBucketPlace, resolvePlace } from '../places.ts';
import { buildS3, type S3Layers } from './build-s3.ts';
import {
  DEFAULT_CHAIN,
  type Channel,
  type Config,
  type Plan,
  type S3Access,
  type Source,
  type StoragePlace,
} from './config.ts';
import { longestPauseHours, toCron } from './schedule.ts';
import { ConfigFile, type ChannelSection, type PlanSection, type SourceSection } from './schema.ts';
import type { SecretReader } from './secrets.ts';

type Filled<Section, Keys extends keyof Section> = Omit<Section, Keys> & {
  [K in Keys]-?: Exclude<Section[K], undefined>;
};
type FilledPlan = Filled<
  PlanSection,
  | 'collections'
  | 'engine'
  | 'base'
  | 'consistency'
  | 'verify'
  | 'check'
  | 'checkLevel'
  | 'checkRuns'
  | 'retention'
  | 'enabled'
>;
type FilledSource = Filled<SourceSection, 'tls'>;
type FilledEmail = Filled<Extract<ChannelSection, { kind: 'email' }>, 'port' | 'secure'>;
type FilledChannel = FilledEmail | Extract<ChannelSection, { kind: 'slack' }>;
type Presets = 'redis' | 'timeZone' | 'cleanup' | 'health' | 'maxRunHours' | 'remindHours' | 'repositories';
type FilledFile = Pick<Filled<ConfigFile, Presets>, Presets | 'heartbeat'> & {
  api: Filled<NonNullable<ConfigFile['api']>, 'host' | 'port' | 'boardWritable'>;
  log: Filled<NonNullable<ConfigFile['log']>, 'level'>;
  client: NonNullable<ConfigFile['client']>;
  s3: NonNullable<ConfigFile['s3']>;
  sources: FilledSource[];
  plans: FilledPlan[];
  channels: FilledChannel[];
};

export interface BuildContext {
  readonly file: string | null;
  readonly baseFolder: string;
  readonly secrets: SecretReader;
  readonly notices: readonly string[];
}

/** A checked file as the {@link Config} that everything else trusts. */
export function buildConfig(checked: ConfigFile, context: BuildContext): Config {
  const empty = { api: {}, log: {}, client: {}, s3: {}, sources: [], repositories: [], plans: [], channels: [] };
  // Value.Default fills every key that has a default in the schema; the types of these keys say so from here on.
  const file = Value.Default(ConfigFile, { ...empty, ...structuredClone(checked) }) as FilledFile;
  const reveal = (text: string): Secret => {
    const resolved = context.secrets(text);
    // The walk over the file resolved the same text before, and the reader remembers.
    if (!('value' in resolved)) throw new TypeError(`unchecked secret: ${resolved.expected}`);
    return secret(resolved.value);
  };
  const access = (own: S3Layers[number]): S3Access => buildS3([own, file.s3], reveal);
  const placed = ({ place, s3 }: { place: string; s3?: S3Layers[number] }): StoragePlace => ({
    place: resolvePlace(context.baseFolder, place),
    access: isBucketPlace(place) ? access(s3 ?? {}) : null,
  });
  const maybe = (text: string | undefined): Secret | null => (text === undefined ? null : reveal(text));
  return {
    file: context.file,
    notices: context.notices,
    redis: reveal(file.redis),
    api: { ...file.api, adminToken: maybe(file.api.adminToken) },
    log: {
      level: file.log.level,
      file: file.log.file === undefined ? null : path.resolve(context.baseFolder, file.log.file),
    },
    client: { api: file.client.api?.replace(/\/+$/, '') ?? apiAddress(file.api), token: maybe(file.client.token) },
    sources: file.sources.map((source) => ({
      ...buildSource(source, reveal),
      storage: source.storage === undefined ? null : placed(source.storage),
    })),
    repositories: file.repositories.map(({ name, ...at }) => ({ name, ...placed(at) })),
    plans: file.plans.map((plan) => buildPlan(plan, file)),
    channels: file.channels.map((channel) => buildChannel(channel, reveal)),
    cleanup: toCron(file.cleanup),
    health: toCron(file.health),
    timeZone: file.timeZone,
    remindHours: file.remindHours,
    heartbeat: maybe(file.heartbeat),
    maxRunHours: file.maxRunHours,
    s3: access({}),
  };
}

/** Where this machine reaches the API that listens on `host`. */
function apiAddress({ host, port }: { host: string; port: number }): string {
  const any = host === '0.0.0.0' || host === '::';
  const reachable = any ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') && !reachable.startsWith('[') ? `[${reachable}]` : reachable}:${port}`;
}

function buildSource(source: FilledSource, reveal: (text: string) => Secret): Omit<Source, 'storage'> {
  let credentials: Secret | null = null;
  if (source.token !== undefined) credentials = reveal(source.token);
  else if (source.user !== undefined && source.password !== undefined) {
    credentials = secret(`${source.user}:${reveal(source.password).reveal()}`);
  }
  return {
    name: source.name,
    address: normaliseAddress(source.address),
    tls: source.tls || /^https:/i.test(source.address),
    credentials,
    ...(source.tool === undefined ? {} : { tool: source.tool.replace(/\/+$/, '') }),
  };
}

/** A health check that asks for more than the schedule gives would cry wolf every week. */
const USUAL_MAX_AGE_HOURS = 24;

function buildPlan(plan: FilledPlan, file: Pick<FilledFile, 'timeZone' | 'maxRunHours'>): Plan {
  const cron = (schedule: string | undefined): string | null => (schedule === undefined ? null : toCron(schedule));
  const full = cron(plan.full);
  const incremental = cron(plan.incremental);
  const pause = longestPauseHours([full, incremental].filter((one) => one !== null)) ?? 0;
  return {
    name: plan.name,
    source: plan.source,
    repository: plan.repository,
    collections: [...new Set(plan.collections)],
    engine: plan.engine,
    timeZone: plan.timeZone ?? file.timeZone,
    full,
    incremental,
    base: plan.base,
    chain: { links: plan.chain?.links ?? DEFAULT_CHAIN.links, days: plan.chain?.days ?? DEFAULT_CHAIN.days },
    consistency: plan.consistency,
    // The schema admits 0 to 3 only, and 2 and 3.
    verify: plan.verify as Plan['verify'],
    check: cron(plan.check),
    checkLevel: plan.checkLevel as Plan['checkLevel'],
    checkRuns: plan.checkRuns,
    drill: cron(plan.drill),
    drillTarget: plan.drillTarget ?? null,
    drillRuns: plan.drillRuns ?? null,
    retention: plan.retention,
    maxAgeHours: plan.maxAgeHours ?? (pause <= USUAL_MAX_AGE_HOURS ? USUAL_MAX_AGE_HOURS : pause + 24),
    maxRunHours: plan.maxRunHours ?? file.maxRunHours,
    enabled: plan.enabled,
  };
}

function buildChannel(channel: FilledChannel, reveal: (text: string) => Secret): Channel {
  if (channel.kind === 'slack') return { kind: 'slack', name: channel.name, webhook: reveal(channel.webhook) };
  return {
    kind: 'email',
    name: channel.name,
    from: channel.from,
    to: channel.to,
    host: channel.host,
    port: channel.port,
    secure: channel.secure,
    user: channel.user ?? null,
    password: channel.password === undefined ? null : reveal(channel.password),
  };
}
