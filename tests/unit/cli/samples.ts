import type {
  Backup,
  CollectionSummary,
  DrillReport,
  InspectionView,
  PlanView,
  ProbeReport,
  RepositoryView,
  Run,
  Unread,
  VerifyReport,
} from '@milvault/shared';

import type { ExportSummary } from '../../../apps/cli/src/output/exports.ts';

/** Fixed values for golden outputs. */
const DAY = 24 * 60 * 60 * 1000;
const AT = Date.UTC(2026, 10, 22, 2, 0, 3);
export const ID = '01kapjm4sv3m9w0c6q4y7x2z1a';

export const backup: Backup = {
  id: ID,
  name: 'full_20261122_020003',
  type: 'full',
  engine: 'rows',
  status: 'complete',
  base: null,
  repository: 'main',
  source: { id: '01kapjm4sv3m9w0c6q4y7x2z1b', address: '127.0.0.1:19530', serverVersion: '2.3.5' },
  plan: 'nightly',
  collections: [
    { database: 'default', collection: 'films', rows: 3201, bytes: 2_400_000 },
    { database: 'sales', collection: 'orders', rows: 1_200_000, bytes: 512_000_000 },
  ],
  rows: 1_203_201,
  bytes: { own: 514_400_000, total: 514_400_000 },
  consistency: 'fuzzy',
  startedAt: AT - 12_500,
  committedAt: AT,
  durationMs: 12_500,
  warnings: [
    { code: 'TIME_TRAVEL', message: 'Rows may stem from different moments', database: 'sales', collection: 'orders' },
  ],
  proofs: [
    { level: 2, result: 'ok', at: AT + 4000 },
    { level: 4, result: 'ok', at: AT + 60_000 },
  ],
  note: null,
};

export const damagedBackup: Backup = {
  ...backup,
  id: '01kapjm4sv3m9w0c6q4y7x2z1c',
  name: 'incr_20261121_020000',
  plan: null,
  type: 'incremental',
  base: ID,
  collections: backup.collections.slice(0, 1),
  rows: 3201,
  bytes: { own: 999, total: 2_400_000 },
  warnings: [],
  proofs: [
    { level: 2, result: 'damaged', at: AT },
    { level: 0, result: 'ok', at: AT },
  ],
};

const [films, orders] = backup.collections as [CollectionSummary, CollectionSummary];

/** The second incremental of a chain: of one collection it wrote a few rows, the other one was read whole. */
export const incremental: Backup = {
  ...backup,
  id: '01kapjm4sv3m9w0c6q4y7x2z1e',
  name: 'incr_20261124_020003',
  type: 'incremental',
  base: '01kapjm4sv3m9w0c6q4y7x2z1d',
  committedAt: AT + 2 * DAY,
  collections: [films, { ...orders, ownBytes: 12_300_000, changes: { added: 12_000, changed: 6100, deleted: 5900 } }],
  bytes: { own: 14_700_000, total: 514_400_000 },
  consistency: 'proved-still',
  warnings: [],
};

export const chain: Backup[] = [
  backup,
  {
    ...backup,
    id: '01kapjm4sv3m9w0c6q4y7x2z1d',
    name: 'incr_20261123_020003',
    type: 'incremental',
    base: ID,
    committedAt: AT + DAY,
    collections: [films, orders].map((one) => ({
      ...one,
      ownBytes: 0,
      changes: { added: 0, changed: 0, deleted: 0 },
    })),
    bytes: { own: 0, total: 514_400_000 },
    proofs: [],
  },
  incremental,
];

export const unread: Unread[] = [
  { repository: 'offsite', code: 'REPO_NOT_A_REPOSITORY', message: 'There is no repository in /mnt/offsite' },
];

export const verified: VerifyReport = {
  backup: ID,
  level: 3,
  result: 'ok',
  at: AT,
  durationMs: 800,
  chunks: 34,
  rows: 1_203_201,
  bytes: 514_400_000,
  damages: [],
};

export const damaged: VerifyReport = {
  ...verified,
  level: 2,
  result: 'damaged',
  damages: [
    {
      code: 'OBJECT_DAMAGED',
      object: 'backups/a/b/0.parquet',
      message: 'SHA-256 differs',
      database: 'sales',
      collection: 'orders',
      partition: '_default',
      keyMin: '-5',
      keyMax: '900',
      rows: 906,
    },
    { code: 'OBJECT_MISSING', object: 'backups/a/manifest', message: 'The file is gone' },
  ],
};

export const drilled: DrillReport = {
  result: 'ok',
  searched: 2,
  backup: ID,
  target: '127.0.0.1:19540',
  at: AT,
  durationMs: 65_000,
  rows: 3201,
  bytes: 2_400_000,
  collections: [
    {
      database: 'default',
      collection: 'films',
      targetDatabase: 'default',
      targetCollection: 'films_restored',
      rowsExpected: 3201,
      rowsRestored: 3201,
      contentEqual: true,
    },
  ],
  warnings: [],
};

export const exported: ExportSummary = {
  backup: ID,
  name: backup.name,
  folder: '/home/somebody/out',
  collections: [
    { database: 'default', collection: 'films', folder: 'default/films', rows: 3201, files: 1, bytes: 2_400_000 },
    {
      database: 'Sales',
      collection: 'orders',
      folder: '%53ales/orders',
      rows: 1_200_000,
      files: 3,
      bytes: 512_000_000,
    },
  ],
  rows: 1_203_201,
  files: 4,
  bytes: 514_400_000,
  durationMs: 4200,
  warnings: backup.warnings,
};

export const run: Run = {
  id: '01kapjm4sv3m9w0c6q4y7x2z1d',
  kind: 'backup',
  state: 'succeeded',
  plan: 'nightly',
  trigger: 'schedule',
  request: { source: 'production' },
  progress: { phase: 'finish', partsDone: 4, partsTotal: 4, rows: 3201, rowsTotal: 3201, bytes: 2_400_000 },
  attempts: 1,
  queuedAt: AT - 100,
  startedAt: AT,
  endedAt: AT + 4200,
  result: { ...backup },
  error: null,
};

export const failedRun: Run = {
  ...run,
  id: '01kapjm4sv3m9w0c6q4y7x2z1e',
  state: 'failed',
  plan: null,
  trigger: 'cli',
  result: null,
  error: {
    code: 'COLLECTION_NOT_FOUND',
    message: 'There is no collection "flims": expected one of films, people, got "flims"',
    expected: 'one of films, people',
    got: '"flims"',
    next: 'Check the name; names are case-sensitive',
    retryable: false,
  },
};

export const plan: PlanView = {
  name: 'nightly',
  source: 'production',
  repository: 'main',
  collections: ['films', 'people', 'sales.*', 'logs'],
  engine: 'auto',
  timeZone: 'UTC',
  full: { cron: '0 2 * * 0', next: AT + 7 * 86_400_000 },
  incremental: { cron: '0 2 * * *', next: AT + 86_400_000 },
  ...{ base: 'last', chain: { links: 14, days: 30 }, consistency: 'fuzzy' },
  ...{ verify: 2, check: null, checkLevel: 3, checkRuns: 4, drill: null, drillTarget: null, drillRuns: null },
  maxRunHours: 24,
  retention: { days: 7 },
  maxAgeHours: 24,
  enabled: true,
  lastGood: { id: ID, name: backup.name, type: 'full', committedAt: AT },
  unread: null,
};

export const repository: RepositoryView = {
  name: 'main',
  place: '/var/lib/milvault/backups',
  id: '01kapjm4sv3m9w0c6q4y7x2z1f',
  space: { total: 1e12, free: 4e11 },
  backups: 2,
  rows: 1_206_402,
  bytes: 514_400_999,
  damages: [],
};

export const probed: ProbeReport = {
  place: 's3://backups/milvus',
  at: AT,
  durationMs: 1234,
  safe: true,
  findings: [
    {
      name: 'create-only',
      required: true,
      result: 'ok',
      detail: 'an object that is there is not written a second time',
    },
    { name: 'torn-write', required: true, result: 'skipped', detail: 'no such case in this kind of storage' },
    { name: 'checksum', required: false, result: 'weak', detail: 'it took bytes that do not fit their checksum' },
  ],
};
export const unsafe: ProbeReport = {
  ...probed,
  safe: false,
  findings: [
    {
      name: 'create-only',
      required: true,
      result: 'failed',
      detail: 'it wrote an object that was there (If-None-Match)',
    },
    ...probed.findings.slice(1),
  ],
};

const key = {
  dim: 0,
  nullable: false,
  autoId: false,
  partitionKey: false,
  hasDefault: false,
  dynamic: false,
  functionOutput: false,
};
const definition: InspectionView['collections'][number]['definition'] = {
  database: 'default',
  collection: 'films',
  description: '',
  collectionId: '7',
  schema: '',
  fields: [
    { ...key, name: 'id', type: 'Int64', primaryKey: true },
    { ...key, name: 'vector', type: 'FloatVector', dim: 8, primaryKey: false },
  ],
  shards: 1,
  consistencyLevel: 2,
  properties: [],
  partitionKeyMode: false,
  partitions: [{ name: '_default', loaded: true }],
  indexes: [],
  aliases: ['movies'],
  loaded: true,
};

export const inspection: InspectionView = {
  source: 'production',
  address: '127.0.0.1:19530',
  serverVersion: '2.3.5',
  databases: [],
  collections: [
    { definition, rows: 3201 },
    { definition: { ...definition, database: 'sales', collection: 'orders', aliases: [], loaded: false }, rows: null },
  ],
  warnings: [{ code: 'NOT_LOADED', message: 'Rows cannot be read', database: 'sales', collection: 'orders' }],
};
