import { fail, ID_PATTERN } from '@milvault/shared';

/**
 * The name of every object of a repository: the one place that makes keys and reads them (`docs/backup-format.md`, "Names").
 * Nothing that a user typed is ever part of a key. A key that was read from somewhere is used only after
 * {@link parseKey} accepted it.
 */
export type ObjectName =
  | { readonly kind: 'repo' }
  | { readonly kind: 'slot'; readonly sourceId: string; readonly backupId: string }
  | { readonly kind: 'tomb'; readonly sourceId: string; readonly backupId: string }
  | { readonly kind: 'hold'; readonly sourceId: string; readonly backupId: string }
  | { readonly kind: 'intent'; readonly sourceId: string; readonly backupId: string }
  | { readonly kind: 'marker'; readonly sourceId: string; readonly backupId: string; readonly gcRunId: string }
  | { readonly kind: 'pin'; readonly sourceId: string; readonly backupId: string; readonly holderId: string }
  | {
      readonly kind: 'reading';
      readonly sourceId: string;
      readonly backupId: string;
      readonly until: number;
      readonly readerId: string;
    }
  | { readonly kind: 'report'; readonly sourceId: string; readonly backupId: string; readonly reportId: string }
  | { readonly kind: 'manifest'; readonly sourceId: string; readonly backupId: string; readonly attempt: string }
  | {
      readonly kind: 'index';
      readonly sourceId: string;
      readonly backupId: string;
      readonly collKey: string;
      readonly attempt: string;
    }
  | {
      readonly kind: 'chunk';
      readonly sourceId: string;
      readonly backupId: string;
      readonly collKey: string;
      readonly seq: number;
      readonly fence: string;
    }
  | {
      readonly kind: 'log';
      readonly sourceId: string;
      readonly backupId: string;
      readonly collKey: string;
      readonly seq: number;
      readonly fence: string;
    }
  | {
      readonly kind: 'deletions';
      readonly sourceId: string;
      readonly backupId: string;
      readonly collKey: string;
      readonly attempt: string;
    };

/** A backup, as keys name it. */
export interface BackupRef {
  readonly sourceId: string;
  readonly backupId: string;
}

export const REPO_KEY = 'repo.json';
export const FOLDERS = {
  slots: 'slots/',
  tombs: 'tombs/',
  markers: 'deleting/',
  pins: 'pins/',
  readings: 'reading/',
  holds: 'holds/',
  reports: 'reports/',
  data: 'data/',
} as const;
/** Left-overs of writes live here, on the file system of the repository; no key starts with it. */
export const TEMP_FOLDER = 'tmp';

const ID = ID_PATTERN.slice(1, -1);
const FENCE = '[0-9a-z]+(?:-[0-9a-z]+)*';
const MAX_FENCE = 40;
const MAX_SEQ = 99_999_999;

const NUMBERS: ReadonlySet<string> = new Set(['seq', 'until']);

/** Chunks and logs first: there are far more of them than of all others. */
const PATTERNS = {
  chunk: new RegExp(
    `^data/(?<sourceId>${ID})/(?<backupId>${ID})/(?<collKey>${ID})/(?<seq>\\d{8})-(?<fence>${FENCE})\\.parquet$`,
  ),
  log: new RegExp(
    `^data/(?<sourceId>${ID})/(?<backupId>${ID})/(?<collKey>${ID})/(?<seq>\\d{8})-(?<fence>${FENCE})\\.binlog$`,
  ),
  slot: new RegExp(`^slots/(?<sourceId>${ID})/(?<backupId>${ID})\\.json$`),
  tomb: new RegExp(`^tombs/(?<sourceId>${ID})/(?<backupId>${ID})\\.json$`),
  marker: new RegExp(`^deleting/(?<sourceId>${ID})/(?<backupId>${ID})/(?<gcRunId>${ID})$`),
  pin: new RegExp(`^pins/(?<sourceId>${ID})/(?<backupId>${ID})/(?<holderId>${ID})\\.json$`),
  reading: new RegExp(`^reading/(?<sourceId>${ID})/(?<backupId>${ID})/(?<until>\\d{13})-(?<readerId>${ID})\\.json$`),
  hold: new RegExp(`^holds/(?<sourceId>${ID})/(?<backupId>${ID})\\.json$`),
  report: new RegExp(`^reports/(?<sourceId>${ID})/(?<backupId>${ID})/(?<reportId>${ID})\\.json$`),
  intent: new RegExp(`^data/(?<sourceId>${ID})/(?<backupId>${ID})/intent\\.json$`),
  manifest: new RegExp(`^data/(?<sourceId>${ID})/(?<backupId>${ID})/manifest-(?<attempt>${ID})\\.json$`),
  index: new RegExp(`^data/(?<sourceId>${ID})/(?<backupId>${ID})/(?<collKey>${ID})/index-(?<attempt>${ID})\\.json$`),
  deletions: new RegExp(
    `^data/(?<sourceId>${ID})/(?<backupId>${ID})/(?<collKey>${ID})/deletions-(?<attempt>${ID})\\.bin$`,
  ),
} as const;

/** The key of an object. */
export function formatKey(name: ObjectName): string {
  switch (name.kind) {
    case 'repo':
      return REPO_KEY;
    case 'slot':
      return `slots/${name.sourceId}/${name.backupId}.json`;
    case 'tomb':
      return `tombs/${name.sourceId}/${name.backupId}.json`;
    case 'marker':
      return `deleting/${name.sourceId}/${name.backupId}/${name.gcRunId}`;
    case 'pin':
      return `pins/${name.sourceId}/${name.backupId}/${name.holderId}.json`;
    case 'reading':
      return `${readingFolder(name)}${String(name.until).padStart(13, '0')}-${name.readerId}.json`;
    case 'hold':
      return `holds/${name.sourceId}/${name.backupId}.json`;
    case 'report':
      return `reports/${name.sourceId}/${name.backupId}/${name.reportId}.json`;
    case 'intent':
      return `${dataFolder(name)}intent.json`;
    case 'manifest':
      return `${dataFolder(name)}manifest-${name.attempt}.json`;
    case 'index':
      return `${dataFolder(name)}${name.collKey}/index-${name.attempt}.json`;
    case 'chunk':
      return `${dataFolder(name)}${name.collKey}/${String(name.seq).padStart(8, '0')}-${name.fence}.parquet`;
    case 'log':
      return `${dataFolder(name)}${name.collKey}/${String(name.seq).padStart(8, '0')}-${name.fence}.binlog`;
    case 'deletions':
      return `${dataFolder(name)}${name.collKey}/deletions-${name.attempt}.bin`;
  }
}

/** What a key names, or null where it is no key of ours: such an object is never read, and never deleted. */
export function parseKey(key: string): ObjectName | null {
  if (key === REPO_KEY) return { kind: 'repo' };
  for (const [kind, pattern] of Object.entries(PATTERNS)) {
    const groups = pattern.exec(key)?.groups;
    if (groups === undefined) continue;
    if (groups['fence'] !== undefined && groups['fence'].length > MAX_FENCE) return null;
    const numbers = Object.entries(groups).flatMap(([name, text]) => (NUMBERS.has(name) ? [[name, Number(text)]] : []));
    // The pattern of a kind has exactly the groups of that kind, which TypeScript cannot see.
    return { kind, ...groups, ...Object.fromEntries(numbers) } as ObjectName;
  }
  return null;
}

/** All that one backup wrote lies under this prefix. */
export const dataFolder = (ref: BackupRef): string => `data/${ref.sourceId}/${ref.backupId}/`;
export const pinFolder = (ref: BackupRef): string => `${FOLDERS.pins}${ref.sourceId}/${ref.backupId}/`;
export const readingFolder = (ref: BackupRef): string => `${FOLDERS.readings}${ref.sourceId}/${ref.backupId}/`;
export const markerFolder = (ref: BackupRef): string => `${FOLDERS.markers}${ref.sourceId}/${ref.backupId}/`;
export const reportFolder = (ref: BackupRef): string => `${FOLDERS.reports}${ref.sourceId}/${ref.backupId}/`;

/** A key made from parts that came from a caller: INTERNAL where they do not make a key. */
export function makeKey(name: ObjectName): string {
  const key = formatKey(name);
  const valid = parseKey(key) !== null && (!('seq' in name) || (name.seq >= 0 && name.seq <= MAX_SEQ));
  if (valid) return key;
  throw fail('INTERNAL', {
    what: `No object of kind ${name.kind} can have this name`,
    expected: 'lower-case ids, a sequence number below 100,000,000 and a fence of at most 40 letters, digits and -',
    got: JSON.stringify(name),
  });
}

const KEY_SHAPE = /^(?:repo\.json|[a-z]+(?:\/[0-9a-z](?:[0-9a-z-]|\.(?!\.)){0,63}){1,4})$/;

/** What a storage driver lets near its store: the second line behind {@link makeKey} and {@link parseKey}. */
export const isSafeKey = (key: string): boolean => KEY_SHAPE.test(key);
