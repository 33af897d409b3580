import { Type, type Static } from 'typebox';

/**
 * The configuration file `milvault.json` (or .yaml), as people write it. `config/load.ts` reads it, fills the defaults,
 * resolves `env:NAME` and `file:PATH`, and gives a {@link Config}.
 */
const Name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$', description: 'Letters, digits, - and _' });
const SecretText = Type.String({ description: 'The value, or env:NAME, or file:PATH' });
const Cron = Type.String({ description: 'Five cron fields, or HH:MM for daily' });
const closed = { additionalProperties: false } as const;

export const SourceSection = Type.Object(
  {
    name: Name,
    address: Type.String({ description: 'host:port, or http(s)://host:port' }),
    token: Type.Optional(SecretText),
    user: Type.Optional(Type.String()),
    password: Type.Optional(SecretText),
    tls: Type.Optional(Type.Boolean({ default: false })),
  },
  closed,
);

export const RepositorySection = Type.Object({ name: Name, place: Type.String({ description: 'A folder' }) }, closed);

export const PlanSection = Type.Object(
  {
    name: Name,
    source: Name,
    repository: Name,
    collections: Type.Optional(
      Type.Array(Type.String(), { default: ['*'], description: 'name, database.name, database.*, or * for all' }),
    ),
    engine: Type.Optional(Type.Union([Type.Literal('auto'), Type.Literal('rows')], { default: 'auto' })),
    timeZone: Type.Optional(Type.String({ default: 'UTC', description: 'IANA name' })),
    full: Type.Optional(Cron),
    incremental: Type.Optional(Cron),
    drill: Type.Optional(Cron),
    verify: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 3, default: 2, description: 'Level right after each backup' }),
    ),
    retention: Type.Optional(Type.Object({ days: Type.Integer({ minimum: 1, default: 7 }) }, closed)),
    /** A run is told as overdue when there is no good backup for so long. */
    maxAgeHours: Type.Optional(Type.Integer({ minimum: 1, default: 24 })),
    enabled: Type.Optional(Type.Boolean({ default: true })),
  },
  closed,
);

export const ChannelSection = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('email'),
      name: Name,
      from: Type.String(),
      to: Type.Array(Type.String(), { minItems: 1 }),
      host: Type.String(),
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, default: 25 })),
      secure: Type.Optional(Type.Boolean({ default: false })),
      user: Type.Optional(Type.String()),
      password: Type.Optional(SecretText),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('slack'), name: Name, webhook: SecretText }, closed),
]);

export const ConfigFile = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    redis: Type.Optional(Type.String({ description: 'redis://… or rediss://…' })),
    api: Type.Optional(
      Type.Object(
        {
          host: Type.Optional(Type.String({ default: '127.0.0.1' })),
          port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535, default: 8787 })),
          adminToken: Type.Optional(SecretText),
          /** Bull Board is read-only unless this is true. */
          boardWritable: Type.Optional(Type.Boolean({ default: false })),
        },
        closed,
      ),
    ),
    log: Type.Optional(
      Type.Object(
        { level: Type.Optional(Type.String({ default: 'info' })), file: Type.Optional(Type.String()) },
        closed,
      ),
    ),
    sources: Type.Optional(Type.Array(SourceSection)),
    repositories: Type.Optional(Type.Array(RepositorySection)),
    plans: Type.Optional(Type.Array(PlanSection)),
    channels: Type.Optional(Type.Array(ChannelSection)),
    cleanup: Type.Optional(Cron),
    health: Type.Optional(Cron),
  },
  closed,
);
export type ConfigFile = Static<typeof ConfigFile>;
