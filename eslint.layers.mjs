/**
 * The house's dependency rule (CONTRIBUTING.md, "The house"): who may import whom, with the reason that the linter gives.
 * `allow` are our packages; `vendors` are the doors: a vendor not listed for a folder may not be imported there.
 */
export const LAYERS = [
  { folder: 'packages/shared', allow: [], why: 'shared is what every part may know, so it knows no part' },
  {
    folder: 'packages/milvus',
    allow: ['shared'],
    why: "milvus speaks Milvus's wire protocol and knows nothing of backups",
  },
  {
    folder: 'packages/repository',
    allow: ['shared'],
    why: 'a backup must be readable without Milvus, Redis or queues',
  },
  { folder: 'packages/catalog', allow: ['shared'], why: 'the catalog is a disposable cache and drives nothing' },
  { folder: 'packages/alerts', allow: ['shared'], why: 'telling people must work when everything else is broken' },
  {
    folder: 'packages/engines',
    allow: ['shared', 'milvus', 'repository'],
    why: 'an engine joins Milvus and the repository and knows no queue',
  },
  {
    folder: 'packages/jobs',
    allow: ['shared', 'milvus', 'repository', 'engines', 'catalog', 'alerts'],
    why: 'jobs use the packages and know no HTTP',
  },
  {
    folder: 'apps',
    allow: ['shared', 'milvus', 'repository', 'engines', 'catalog', 'alerts', 'jobs'],
    why: 'apps join packages and never each other',
  },
  {
    folder: 'apps/web',
    allow: ['shared'],
    why: 'the page runs in a browser and knows the rest by its API; of shared it takes the types of the schemas',
  },
];

const PACKAGES = [
  'shared',
  'milvus',
  'repository',
  'engines',
  'catalog',
  'alerts',
  'jobs',
  'api',
  'worker',
  'cli',
  'web',
];

/** Each vendor's one door, as folders that may import it. */
const DOORS = [
  { vendor: 'bullmq', folders: ['packages/jobs/src/queue'] },
  { vendor: 'ioredis', folders: ['packages/catalog/src', 'packages/jobs/src/queue'] },
  { vendor: 'fastify', folders: ['apps/api/src'] },
  { vendor: '@fastify/*', folders: ['apps/api/src'] },
  { vendor: '@bull-board/*', folders: ['apps/api/src'] },
  { vendor: '@grpc/*', folders: ['packages/milvus/src'] },
  { vendor: 'protobufjs', folders: ['packages/milvus/src'] },
  { vendor: 'hyparquet', folders: ['packages/repository/src/format'] },
  { vendor: 'hyparquet-writer', folders: ['packages/repository/src/format'] },
  { vendor: '@cloudpss/*', folders: ['packages/repository/src/format'] },
  { vendor: '@aws-sdk/*', folders: ['packages/repository/src/storage/s3'] },
  { vendor: '@smithy/*', folders: ['packages/repository/src/storage/s3'] },
  { vendor: 'nodemailer', folders: ['packages/alerts/src/channels'] },
  { vendor: 'axios', folders: ['packages/alerts/src/channels', 'packages/engines/src/tool'] },
  { vendor: 'lossless-json', folders: ['packages/engines/src/tool'] },
  { vendor: 'commander', folders: ['apps/cli/src'] },
  { vendor: 'react', folders: ['apps/web/src'] },
  { vendor: '@mantine/*', folders: ['apps/web/src'] },
  { vendor: '@tanstack/*', folders: ['apps/web/src'] },
  { vendor: 'prom-client', folders: ['apps/api/src', 'apps/worker/src'] },
];

const within = (folder, parent) => folder === parent || folder.startsWith(`${parent}/`);

export function restrictions(folder) {
  // The deepest layer that speaks of the folder: a later one wins.
  const layer = LAYERS.findLast((one) => within(folder, one.folder));
  const forbidden = PACKAGES.filter((name) => !layer.allow.includes(name));
  return [
    {
      regex: `^@milvault/(${forbidden.join('|')})$`,
      message: `${layer.folder} may import ${layer.allow.join(', ') || 'no package of ours'}: ${layer.why}.`,
    },
    {
      regex: '^@milvault/[^/]+/',
      message: 'A package is entered only by its index.ts, so that its inside can change.',
    },
    { regex: '(^|/)\\.\\./(\\.\\./)+(packages|apps)/', message: 'Import a package by its name, not by its path.' },
    ...DOORS.filter((door) => !door.folders.some((allowed) => within(folder, allowed))).map((door) => ({
      regex: `^${door.vendor.replace('/*', '/.*')}($|/)`,
      message: `${door.vendor} has one door, ${door.folders.join(' or ')}, so that it can be replaced in one place.`,
    })),
    ...(within(folder, 'apps/web/src') ? [NO_NODE] : []),
  ];
}

const NO_NODE = { regex: '^node:', message: 'The page runs in a browser, where there is no Node.' };

/** One config entry per folder; a deeper folder is listed later and wins. */
export const layerRules = () => {
  const folders = new Set([...LAYERS.map((layer) => layer.folder), ...DOORS.flatMap((door) => door.folders)]);
  return [...folders]
    .sort((a, b) => a.length - b.length)
    .map((folder) => ({
      files: [`${folder}/**/*.ts`, `${folder}/**/*.tsx`],
      rules: { 'no-restricted-imports': ['error', { patterns: restrictions(folder) }] },
    }));
};
