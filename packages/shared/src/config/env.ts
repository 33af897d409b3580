import type { ConfigFile } from './schema.ts';

/** Variables by name, as the process was given them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Places of the configuration file that a variable can overlay. */
type SettingPath = 'config' | 'redis' | 'timeZone' | 'cleanup' | 'health' | SectionPath | NamedPath;
type SectionPath = {
  [S in 'api' | 'log' | 'client' | 's3']: `${S}.${Extract<keyof NonNullable<ConfigFile[S]>, string>}`;
}['api' | 'log' | 'client' | 's3'];
/** Of the one source or repository; see `overlay.ts`. */
type NamedPath = 'source.address' | 'source.token' | 'repository.place';

export interface Setting {
  readonly name: string;
  readonly sets: SettingPath;
  readonly about: string;
  readonly example: string;
}

/**
 * Every environment variable that milvault reads: the one list behind the code, `.env.example` and
 * `docs/configuration.md`. A variable wins over the file; an empty one counts as not set.
 */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'MILVAULT_CONFIG',
    sets: 'config',
    about: 'Path of the configuration file',
    example: '/etc/milvault/milvault.json',
  },
  { name: 'REDIS_URL', sets: 'redis', about: 'Redis that holds queues and catalog', example: 'redis://127.0.0.1:6379' },
  {
    name: 'MILVUS_ADDRESS',
    sets: 'source.address',
    about: 'Address of Milvus, where there is at most one source',
    example: '127.0.0.1:19530',
  },
  {
    name: 'MILVUS_TOKEN',
    sets: 'source.token',
    about: 'Token of that Milvus: an API token or user:password',
    example: 'file:/run/secrets/milvus-token',
  },
  {
    name: 'MILVAULT_REPOSITORY',
    sets: 'repository.place',
    about: 'Folder or s3://bucket/prefix for the backups, where there is at most one repository',
    example: '/var/lib/milvault/backups',
  },
  { name: 'MILVAULT_HOST', sets: 'api.host', about: 'Address that the API listens on', example: '127.0.0.1' },
  { name: 'MILVAULT_PORT', sets: 'api.port', about: 'Port that the API listens on', example: '8787' },
  {
    name: 'MILVAULT_ADMIN_TOKEN',
    sets: 'api.adminToken',
    about: 'Token of the admin, a must on any address but loopback',
    example: 'file:/run/secrets/milvault-admin',
  },
  {
    name: 'MILVAULT_BOARD_WRITABLE',
    sets: 'api.boardWritable',
    about: 'true: Bull Board may change jobs',
    example: 'false',
  },
  {
    name: 'MILVAULT_API',
    sets: 'client.api',
    about: 'API that the command line speaks to',
    example: 'http://127.0.0.1:8787',
  },
  {
    name: 'MILVAULT_TOKEN',
    sets: 'client.token',
    about: 'Token of the command line',
    example: 'file:/run/secrets/milvault-token',
  },
  {
    name: 'MILVAULT_LOG_LEVEL',
    sets: 'log.level',
    about: 'debug, info, warn, error, fatal or silent',
    example: 'info',
  },
  {
    name: 'MILVAULT_LOG_FILE',
    sets: 'log.file',
    about: 'File to log to, beside standard output',
    example: '/var/log/milvault/milvault.log',
  },
  { name: 'MILVAULT_TIME_ZONE', sets: 'timeZone', about: 'Time zone of the schedules', example: 'UTC' },
  {
    name: 'MILVAULT_CLEANUP',
    sets: 'cleanup',
    about: 'When old backups are deleted: HH:MM or cron',
    example: '0 3 * * *',
  },
  { name: 'MILVAULT_HEALTH', sets: 'health', about: 'When health is checked: HH:MM or cron', example: '0 * * * *' },
  // Of two variables for one setting the later one wins, as in Amazon's own tools.
  {
    name: 'AWS_ENDPOINT_URL',
    sets: 's3.endpoint',
    about: 'Address of a store that speaks S3',
    example: 'https://minio.example.org:9000',
  },
  {
    name: 'AWS_ENDPOINT_URL_S3',
    sets: 's3.endpoint',
    about: 'The same; wins over AWS_ENDPOINT_URL',
    example: 'https://minio.example.org:9000',
  },
  { name: 'AWS_DEFAULT_REGION', sets: 's3.region', about: 'Region of the buckets', example: 'us-east-1' },
  {
    name: 'AWS_REGION',
    sets: 's3.region',
    about: 'The same; wins over AWS_DEFAULT_REGION',
    example: 'us-east-1',
  },
  {
    name: 'AWS_ACCESS_KEY_ID',
    sets: 's3.accessKey',
    about: 'Access key for buckets',
    example: 'file:/run/secrets/s3-access-key',
  },
  {
    name: 'AWS_SECRET_ACCESS_KEY',
    sets: 's3.secretKey',
    about: 'Secret key for buckets',
    example: 'file:/run/secrets/s3-secret-key',
  },
  {
    name: 'AWS_SESSION_TOKEN',
    sets: 's3.sessionToken',
    about: 'Session token of temporary keys for buckets',
    example: 'file:/run/secrets/s3-session-token',
  },
];

/** The environment of this process: the only place that reads it. */
export const processEnvironment = (): Environment => process.env;

/** The time zone that this machine tells the time in. */
export const machineTimeZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
