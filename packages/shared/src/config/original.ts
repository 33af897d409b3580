import path from 'node:path';
import { Type, type Static } from 'typebox';
import { itemPath, type Fault } from './faults.ts';
import { DEFAULT_REPOSITORY, DEFAULT_SOURCE } from './overlay.ts';
import { toCron, weeklyCron } from './schedule.ts';
import type { ChannelSection, ConfigFile, PlanSection } from './schema.ts';
import { walk, type WalkContext } from './walk.ts';

/**
 * The configuration file of the system that milvault re-implements, accepted unchanged. Its keys, defaults and rules are
 * told in `docs/configuration.md`, "The original's file".
 */
const closed = { additionalProperties: false } as const;

const Job = Type.Object(
  {
    type: Type.Union([Type.Literal('full'), Type.Literal('incremental')]),
    time: Type.String({ check: 'time', description: 'HH:MM' }),
    collections: Type.Optional(Type.Array(Type.String({ check: 'collection' }), { description: 'collections' })),
  },
  closed,
);

export const OriginalFile = Type.Object(
  {
    backup_api: Type.Optional(Type.String({ check: 'http', description: 'an http:// address' })),
    backup_dir: Type.String({ check: 'path', description: 'the folder of the backups' }),
    retention_days: Type.Optional(Type.Integer({ minimum: 1, default: 7 })),
    jobs: Type.Array(Job, { description: 'jobs' }),
    email_alerts: Type.Optional(Type.Boolean()),
    // What belongs to an alert that is switched off is not judged: files carry empty placeholders there.
    email_from: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    email_to: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String()), Type.Null()])),
    smtp_server: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    slack_webhook: Type.Optional(Type.Union([Type.String(), Type.Null()], { secret: true })),
  },
  closed,
);
export type OriginalFile = Static<typeof OriginalFile>;

export const ORIGINAL_KEYS: readonly string[] = Object.keys(OriginalFile.properties);

const Address = Type.String({ check: 'email', description: 'one e-mail address' });
const Server = Type.String({ check: 'smtp', description: 'the host of a mail server' });
const Webhook = Type.String({ check: 'webhook', secret: true, description: 'a webhook' });

/** Addresses of `email_to`: a list, or one text with commas, as Python's mail libraries take both. */
const recipients = (value: unknown): string[] => {
  const texts: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return texts.flatMap((text) => (typeof text === 'string' && text.trim() !== '' ? [text.trim()] : []));
};

/** Adds what is wrong with the values of alerts that are switched on. */
export function checkOriginal(file: Record<string, unknown>, context: WalkContext): void {
  walk(OriginalFile, file, '', context);
  if (file['email_alerts'] === true) checkEmail(file, context);
  const webhook = file['slack_webhook'];
  if (typeof webhook === 'string' && webhook !== '') walk(Webhook, webhook, 'slack_webhook', context);
}

function checkEmail(file: Record<string, unknown>, context: WalkContext): void {
  const needed = (path: string, expected: string): Fault => ({
    path,
    expected: `${expected}, as email_alerts is true`,
    got: 'nothing',
  });
  const { email_from: from, email_to: to, smtp_server: server } = file;
  if (typeof from === 'string' && from !== '') walk(Address, from, 'email_from', context);
  else context.faults.push(needed('email_from', 'the address of the sender'));
  recipients(to).forEach((one, index) => {
    walk(Address, one, Array.isArray(to) ? itemPath('email_to', index) : 'email_to', context);
  });
  if (recipients(to).length === 0) context.faults.push(needed('email_to', 'at least one address'));
  if (typeof server === 'string' && server !== '') walk(Server, server, 'smtp_server', context);
  else context.faults.push(needed('smtp_server', 'the host of a mail server'));
}

/** The same in milvault's own words. The file was checked; `timeZone` is the machine's, as the original told time. */
export function translateOriginal(file: OriginalFile, timeZone: string): ConfigFile {
  return {
    sources: [
      {
        name: DEFAULT_SOURCE,
        address: '127.0.0.1:19530',
        ...(file.backup_api === undefined ? {} : { tool: file.backup_api }),
      },
    ],
    repositories: [{ name: DEFAULT_REPOSITORY, place: placeOf(file) }],
    plans: plansOf(file),
    channels: channelsOf(file),
    timeZone,
  };
}

/** A tool keeps its own files in `backup_dir`: ours lie beside them, on the disk whose space is watched. */
const placeOf = ({ backup_api, backup_dir }: OriginalFile): string =>
  backup_api === undefined ? backup_dir : path.posix.join(backup_dir, 'milvault');

/**
 * A full and an incremental job of the same collections are one plan, so that the incremental finds its base. A second
 * job of a type gets a plan of its own.
 */
function plansOf(file: OriginalFile): PlanSection[] {
  const plans: (PlanSection & { collections: string[] })[] = [];
  const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && a.every((name) => b.includes(name));
  for (const job of file.jobs) {
    const collections = [...new Set(job.collections ?? [])];
    if (collections.length === 0) collections.push('*');
    let plan = plans.find((one) => one[job.type] === undefined && sameSet(one.collections, collections));
    if (plan === undefined) {
      plan = {
        name: `plan-${plans.length + 1}`,
        source: DEFAULT_SOURCE,
        repository: DEFAULT_REPOSITORY,
        collections,
        retention: { days: file.retention_days ?? 7 },
      };
      plans.push(plan);
    }
    plan[job.type] = job.type === 'full' ? weeklyCron(job.time) : toCron(job.time);
  }
  return plans;
}

function channelsOf(file: OriginalFile): ChannelSection[] {
  const channels: ChannelSection[] = [];
  if (file.email_alerts === true) {
    const [, host = '', port] = /^(.+?)(?::(\d{1,5}))?$/.exec(file.smtp_server ?? '') ?? [];
    channels.push({
      kind: 'email',
      name: 'email',
      from: file.email_from ?? '',
      to: recipients(file.email_to),
      host,
      ...(port === undefined ? {} : { port: Number(port) }),
    });
  }
  if (file.slack_webhook) channels.push({ kind: 'slack', name: 'slack', webhook: file.slack_webhook });
  return channels;
}

/** What differs from the original, for its owner; `config` is the translated file with the environment laid over it. */
export function originalNotices(file: OriginalFile, config: ConfigFile): string[] {
  const address = config.sources?.[0]?.address ?? '';
  const zone = config.timeZone ?? 'UTC';
  const notices = [
    file.backup_api === undefined
      ? `This is the original's file: milvault reads Milvus itself, at ${address}; set MILVUS_ADDRESS and MILVUS_TOKEN where that is wrong`
      : `This is the original's file: each backup looks who answers at backup_api and uses that tool; where none answers, milvault reads Milvus itself, at ${address} (MILVUS_ADDRESS and MILVUS_TOKEN change it)`,
    ...(file.backup_api === undefined ? [] : [`Records of backups lie in ${placeOf(file)}`]),
    `Full jobs run on Sundays, incremental jobs daily; times are read in ${zone} (MILVAULT_TIME_ZONE changes it)`,
  ];
  for (const plan of config.plans ?? []) {
    const kinds = [plan.full === undefined ? '' : 'full', plan.incremental === undefined ? '' : 'incremental'];
    const what = kinds.filter((kind) => kind !== '').join(' and ');
    notices.push(`${plan.name}: ${what} backups of ${(plan.collections ?? []).join(', ')}`);
    if (plan.full === undefined) {
      notices.push(`${plan.name} has no full job of the same collections: each incremental without a base is a full`);
    }
  }
  if (file.jobs.length === 0) notices.push('The file has no jobs, so nothing is backed up by schedule');
  return notices;
}
