import { Type, type Static, type TSchemaOptions } from 'typebox';
import { NAME_PATTERN } from '../names.ts';
import { CONSISTENCIES, EngineKind, type Consistency } from '../resources/backup.ts';
import { RETENTION_KEYS } from '../retention.ts';
import type { CheckName } from './checks.ts';

/**
 * The configuration file `milvault.json` (or .yaml), as people write it. `config/load.ts` reads it, fills the defaults,
 * resolves `env:NAME` and `file:PATH`, and gives a `Config`. The published JSON Schema (`milvault.schema.json`) and the
 * tables of `docs/configuration.md` come from here: descriptions are written for the people who configure.
 */
type TextOptions = TSchemaOptions & { check?: CheckName; secret?: true; default?: string };

const text = (options: TextOptions) => Type.String(options);
const closed = { additionalProperties: false } as const;
/** Of a rotation: further back than anybody keeps track. */
const MOST_RUNS = 366;
/** Timers hold 24 days at the most. */
const MOST_HOURS = 480;

const Name = text({ pattern: NAME_PATTERN, description: 'letters, digits, - and _; at most 64' });
const Schedule = (description: string, preset?: string) =>
  text({ check: 'schedule', description, ...(preset === undefined ? {} : { default: preset }) });
const SecretText = (description: string, check: CheckName = 'filled') =>
  text({ check, secret: true, description: `${description}; the value, env:NAME or file:PATH` });

const S3_KEYS = {
  endpoint: Type.Optional(text({ check: 'http', description: 'http(s)://host:port of the store; default: Amazon S3' })),
  region: Type.Optional(text({ check: 'filled', description: 'region of the bucket; default: us-east-1' })),
  accessKey: Type.Optional(SecretText('access key, together with secretKey')),
  secretKey: Type.Optional(SecretText('secret key, together with accessKey')),
  sessionToken: Type.Optional(SecretText('session token of temporary keys')),
  pathStyle: Type.Optional(
    Type.Boolean({
      description: 'the bucket stands in the path, not in the host name; default: where endpoint is given',
    }),
  ),
  checksum: Type.Optional(
    Type.Union([Type.Literal('sha256'), Type.Literal('md5')], {
      description: 'how the store proves what it received; md5 for stores that know no SHA-256; default: sha256',
    }),
  ),
};

export const S3Section = Type.Object(S3_KEYS, {
  ...closed,
  description: 'how the bucket of an s3:// place is reached; what it leaves out is taken from s3 of the file',
});

const StorageSection = Type.Object(
  {
    place: text({ check: 'place', description: 'a folder, or s3://bucket/prefix (rootPath of Milvus)' }),
    s3: Type.Optional(S3Section),
  },
  { ...closed, description: 'where this Milvus keeps its own files' },
);

export const SourceSection = Type.Object(
  {
    name: Name,
    address: text({ check: 'address', description: 'host:port, or http(s)://host:port; https means TLS' }),
    token: Type.Optional(SecretText('API token, or user:password')),
    user: Type.Optional(text({ check: 'filled', description: 'user name, together with password' })),
    password: Type.Optional(SecretText('password of the user')),
    tls: Type.Optional(Type.Boolean({ default: false, description: 'encrypt the connection to Milvus' })),
    storage: Type.Optional(StorageSection),
    tool: Type.Optional(
      text({
        check: 'http',
        description: 'API of a backup tool that serves this Milvus, http://host:port/api/v1; what answers is found out',
      }),
    ),
  },
  closed,
);

export const RepositorySection = Type.Object(
  {
    name: Name,
    place: text({
      check: 'place',
      description: 'a folder (a relative one starts at the folder of this file), or s3://bucket/prefix',
    }),
    s3: Type.Optional(S3Section),
  },
  closed,
);

const Retention = Type.Object(RETENTION_KEYS, {
  ...closed,
  default: { days: 7 },
  description: 'how long backups are kept: as long as any of its rules says so; {} keeps all',
});

const Chain = Type.Object(
  {
    links: Type.Optional(
      Type.Integer({ minimum: 0, default: 14, description: 'incrementals after a full; then the next one is a full' }),
    ),
    days: Type.Optional(
      Type.Integer({ minimum: 1, default: 30, description: 'age of the full after which the next one is a full' }),
    ),
  },
  { ...closed, description: 'how long a chain of incrementals may become' },
);

/** When what is stored already is proved anew, and how much of it each time. */
const PROVING_KEYS = {
  check: Type.Optional(Schedule('when to check stored backups in turn: HH:MM or cron', '0 5 * * 0')),
  checkLevel: Type.Optional(
    Type.Integer({ minimum: 2, maximum: 3, default: 3, description: 'level of those checks: 2 hashes, 3 every row' }),
  ),
  checkRuns: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MOST_RUNS,
      default: 4,
      description: 'in any so many firings of check in a row every stored backup of the plan is checked',
    }),
  ),
  drill: Type.Optional(Schedule('when to prove the newest backup by a trial restore: HH:MM or cron')),
  drillTarget: Type.Optional(
    text({ pattern: NAME_PATTERN, description: 'source that trial restores go to; default: the source of the plan' }),
  ),
  drillRuns: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MOST_RUNS,
      description: 'in any so many firings of drill in a row every stored backup is tried; default: only the newest',
    }),
  ),
};

export const PlanSection = Type.Object(
  {
    name: Name,
    source: text({ pattern: NAME_PATTERN, description: 'name of a source' }),
    repository: text({ pattern: NAME_PATTERN, description: 'name of a repository' }),
    collections: Type.Optional(
      Type.Array(text({ check: 'collection', description: 'name, database.name, database.* or *' }), {
        minItems: 1,
        default: ['*'],
        description: 'name, database.name, database.*, or * for all',
      }),
    ),
    engine: Type.Optional(
      Type.Union([Type.Literal('auto'), ...EngineKind.anyOf], {
        default: 'auto',
        description: 'how data leaves Milvus; auto takes the fastest that the source offers',
      }),
    ),
    timeZone: Type.Optional(
      text({ check: 'timeZone', description: 'IANA time zone of the schedules; default: the timeZone of the file' }),
    ),
    full: Type.Optional(Schedule('when to take a full backup: HH:MM for daily, or five cron fields')),
    incremental: Type.Optional(Schedule('when to take an incremental backup: HH:MM or cron')),
    base: Type.Optional(
      Type.Union([Type.Literal('last'), Type.Literal('full')], {
        default: 'last',
        description: 'what an incremental is taken against: the newest good backup, or the newest good full',
      }),
    ),
    chain: Type.Optional(Chain),
    consistency: Type.Optional(
      Type.Unsafe<Consistency>(
        Type.Union(
          CONSISTENCIES.map((label) => Type.Literal(label)),
          { default: 'fuzzy', description: 'the least that a backup must be worth as a point in time; else it fails' },
        ),
      ),
    ),
    verify: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 3, default: 2, description: 'level of the check right after each backup' }),
    ),
    ...PROVING_KEYS,
    retention: Type.Optional(Retention),
    maxAgeHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'an alert is raised when the newest good backup is older; default: 24, or for schedules with longer pauses ' +
          'the longest pause and 24 hours',
      }),
    ),
    maxRunHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_HOURS,
        description:
          'a run of the plan that takes longer is stopped and has failed; default: the maxRunHours of the file',
      }),
    ),
    enabled: Type.Optional(Type.Boolean({ default: true, description: 'false: runs only by hand' })),
  },
  closed,
);

export const EmailSection = Type.Object(
  {
    kind: Type.Literal('email'),
    name: Name,
    from: text({ check: 'email', description: 'sender' }),
    to: Type.Array(text({ check: 'email', description: 'recipient' }), { minItems: 1, description: 'recipients' }),
    host: text({ check: 'host', description: 'mail server' }),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, default: 25, description: 'port of the server' })),
    secure: Type.Optional(Type.Boolean({ default: false, description: 'TLS from the first byte (port 465)' })),
    user: Type.Optional(text({ check: 'filled', description: 'user name, together with password' })),
    password: Type.Optional(SecretText('password of the user')),
  },
  closed,
);

export const SlackSection = Type.Object(
  { kind: Type.Literal('slack'), name: Name, webhook: SecretText('incoming webhook, https://…', 'webhook') },
  closed,
);

export const ChannelSection = Type.Union([EmailSection, SlackSection]);

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const ApiSection = Type.Object(
  {
    host: Type.Optional(text({ check: 'host', default: '127.0.0.1', description: 'address to listen on' })),
    port: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 65_535, default: 8787, description: 'port to listen on; 0: any free one' }),
    ),
    adminToken: Type.Optional(SecretText('token of the admin; a must on any address but loopback')),
    boardWritable: Type.Optional(
      Type.Boolean({ default: false, description: 'Bull Board may retry and remove jobs; otherwise it is read-only' }),
    ),
  },
  { ...closed, description: 'the HTTP server' },
);

const LogSection = Type.Object(
  {
    level: Type.Optional(
      Type.Union(
        LOG_LEVELS.map((level) => Type.Literal(level)),
        { default: 'info', description: 'what is worth a line' },
      ),
    ),
    file: Type.Optional(text({ check: 'path', description: 'file to log to, beside standard output' })),
  },
  { ...closed, description: 'the log' },
);

const ClientSection = Type.Object(
  {
    api: Type.Optional(
      text({ check: 'http', description: 'API that the command line speaks to; default: that of api' }),
    ),
    token: Type.Optional(SecretText('token of the command line')),
  },
  { ...closed, description: 'the command line' },
);

export const ConfigFile = Type.Object(
  {
    $schema: Type.Optional(Type.String({ description: 'address of this schema, for editors' })),
    redis: Type.Optional({
      ...SecretText('redis://… or rediss://…', 'redis'),
      default: 'redis://127.0.0.1:6379',
    }),
    api: Type.Optional(ApiSection),
    log: Type.Optional(LogSection),
    client: Type.Optional(ClientSection),
    sources: Type.Optional(Type.Array(SourceSection, { description: 'the Milvus servers to protect' })),
    repositories: Type.Optional(Type.Array(RepositorySection, { description: 'where backups are kept' })),
    plans: Type.Optional(Type.Array(PlanSection, { description: 'what to back up, when and for how long' })),
    channels: Type.Optional(Type.Array(ChannelSection, { description: 'whom to tell' })),
    timeZone: Type.Optional(
      text({
        check: 'timeZone',
        default: 'UTC',
        description: 'IANA time zone of cleanup and health, and of plans that name none',
      }),
    ),
    s3: Type.Optional(
      Type.Object(S3_KEYS, { ...closed, description: 'how s3:// places are reached that do not say it themselves' }),
    ),
    cleanup: Type.Optional(Schedule('when old backups are deleted: HH:MM or cron', '0 3 * * *')),
    health: Type.Optional(Schedule('when health is checked: HH:MM or cron', '0 * * * *')),
    remindHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 720,
        default: 24,
        description:
          'people are told again of a problem that is still there after so long, and each so long after that',
      }),
    ),
    heartbeat: Type.Optional({
      ...SecretText(
        'http(s) address that is asked each minute while milvault watches, for a watch of your own',
        'http',
      ),
    }),
    maxRunHours: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST_HOURS,
        default: 24,
        description: 'a run of no plan, or of a plan that says nothing else, is stopped after so long and has failed',
      }),
    ),
  },
  { ...closed, title: 'milvault configuration' },
);
export type ConfigFile = Static<typeof ConfigFile>;
export type S3Section = Static<typeof S3Section>;
export type PlanSection = Static<typeof PlanSection>;
export type SourceSection = Static<typeof SourceSection>;
export type ChannelSection = Static<typeof ChannelSection>;
