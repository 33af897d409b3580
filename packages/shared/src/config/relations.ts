import { isBucketPlace, resolvePlace } from '../places.ts';
import { itemPath, keyPath, show, type Fault } from './faults.ts';
import { nearest } from './nearest.ts';
import { isRecord } from './walk.ts';

type Loose = Record<string, unknown>;
type Entry = { readonly path: string; readonly value: Loose };

const entriesOf = (file: Loose, list: string): Entry[] => {
  const value = file[list];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) =>
    isRecord(item) ? [{ path: itemPath(list, index), value: item }] : [],
  );
};

/**
 * Faults between values that may each be right: duplicates, names of nothing, halves of pairs. The file may still have
 * faults of its own, so nothing is taken for granted.
 */
export function relationFaults(file: Loose, baseFolder: string): Fault[] {
  const sources = entriesOf(file, 'sources');
  const repositories = entriesOf(file, 'repositories');
  const plans = entriesOf(file, 'plans');
  const channels = entriesOf(file, 'channels');
  const folder = (entry: Entry): unknown => {
    const place = entry.value['place'];
    return typeof place === 'string' ? resolvePlace(baseFolder, place) : undefined;
  };
  return [
    ...[sources, repositories, plans, channels].flatMap((list) =>
      duplicates(list, 'name', (entry) => entry.value['name']),
    ),
    ...duplicates(repositories, 'place', folder),
    ...plans.flatMap((plan) => [
      ...unknownName(plan, 'source', sources),
      ...unknownName(plan, 'repository', repositories),
      ...unknownName(plan, 'drillTarget', sources, 'source'),
      ...neverRuns(plan),
    ]),
    ...sources.flatMap(credentialFaults),
    ...[...repositories, ...sources.flatMap(storageOf)].flatMap(s3Faults),
    ...(isRecord(file['s3']) ? halfPair({ path: 's3', value: file['s3'] }, S3_PAIR) : []),
    ...channels.flatMap((channel) => halfPair(channel)),
  ];
}

function duplicates(entries: readonly Entry[], key: string, of: (entry: Entry) => unknown): Fault[] {
  const first = new Map<unknown, string>();
  return entries.flatMap((entry) => {
    const value = of(entry);
    if (typeof value !== 'string') return [];
    const earlier = first.get(value);
    if (earlier === undefined) first.set(value, entry.path);
    return earlier === undefined
      ? []
      : [{ path: keyPath(entry.path, key), expected: `a ${key} of its own`, got: `${show(value)}, as ${earlier} has` }];
  });
}

function unknownName(plan: Entry, key: string, among: readonly Entry[], what = key): Fault[] {
  const name = plan.value[key];
  if (typeof name !== 'string') return [];
  const names = among.flatMap((entry) => (typeof entry.value['name'] === 'string' ? [entry.value['name']] : []));
  if (names.includes(name)) return [];
  const near = nearest(name, names);
  const hint = near === null ? `one of ${names.join(', ') || '(none is configured)'}` : `did you mean \`${near}\`?`;
  return [{ path: keyPath(plan.path, key), expected: `the name of a configured ${what}: ${hint}`, got: show(name) }];
}

function neverRuns(plan: Entry): Fault[] {
  const { full, incremental, enabled } = plan.value;
  if (full !== undefined || incremental !== undefined || enabled === false) return [];
  return [
    {
      path: keyPath(plan.path, 'full'),
      expected: 'a schedule in full or incremental (or enabled: false for a plan that is run by hand)',
      got: 'neither',
    },
  ];
}

function credentialFaults(source: Entry): Fault[] {
  const { token, user, password, address, tls } = source.value;
  const faults = halfPair(source);
  if (token !== undefined && (user !== undefined || password !== undefined)) {
    const expected = 'either token, or user and password';
    faults.push({ path: keyPath(source.path, 'token'), expected, got: 'both' });
  }
  if (tls === false && typeof address === 'string' && /^https:/i.test(address)) {
    faults.push({ path: keyPath(source.path, 'tls'), expected: 'true, as the address is https://', got: 'false' });
  }
  return faults;
}

const storageOf = ({ path, value }: Entry): Entry[] =>
  isRecord(value['storage']) ? [{ path: keyPath(path, 'storage'), value: value['storage'] }] : [];

function s3Faults({ path, value: { place, s3 } }: Entry): Fault[] {
  if (!isRecord(s3)) return [];
  const at = keyPath(path, 's3');
  const useless = typeof place === 'string' && !isBucketPlace(place);
  return [
    ...(useless ? [{ path: at, expected: 'no s3, as the place is a folder', got: 's3' }] : []),
    ...halfPair({ path: at, value: s3 }, S3_PAIR),
    ...(s3['sessionToken'] !== undefined && s3['accessKey'] === undefined
      ? [{ path: keyPath(at, 'accessKey'), expected: 'an accessKey, as sessionToken is given', got: 'nothing' }]
      : []),
  ];
}

const S3_PAIR = ['accessKey', 'secretKey'] as const;

function halfPair(entry: Entry, [one, other]: readonly [string, string] = ['user', 'password']): Fault[] {
  const has = (key: string): boolean => entry.value[key] !== undefined;
  if (has(one) === has(other)) return [];
  const [missing, given] = has(one) ? [other, one] : [one, other];
  return [{ path: keyPath(entry.path, missing), expected: `a ${missing}, as ${given} is given`, got: 'nothing' }];
}
