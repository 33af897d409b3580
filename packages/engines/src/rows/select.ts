import { fail } from '@milvault/shared';
import { DEFAULT_DATABASE, fullName, isStagingName, nameId, type CollectionName } from './names.ts';

/** What there is to select from: the collections of each database. */
export type Catalogue = ReadonlyMap<string, readonly string[]>;

export interface SelectedName extends CollectionName {
  /** False where only a pattern with `*` means it: then it may vanish without harm before it is looked at. */
  readonly named: boolean;
}

export interface Selection {
  readonly names: readonly SelectedName[];
  /** Unfinished restores that a pattern with `*` would have taken. */
  readonly leftOut: readonly CollectionName[];
}

const SHOWN = 20;

const allOf = (catalogue: Catalogue, database: string): CollectionName[] =>
  (catalogue.get(database) ?? []).map((collection) => ({ database, collection }));

const everything = (catalogue: Catalogue): CollectionName[] =>
  [...catalogue.keys()].flatMap((database) => allOf(catalogue, database));

/** The databases that the text may begin with: names may hold dots, so each dot may be the one that parts them. */
function* readings(text: string): Generator<CollectionName> {
  yield { database: DEFAULT_DATABASE, collection: text };
  for (let dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) {
    yield { database: text.slice(0, dot), collection: text.slice(dot + 1) };
  }
}

const exists = (catalogue: Catalogue, name: CollectionName): boolean =>
  catalogue.get(name.database)?.includes(name.collection) ?? false;

/**
 * Collections that a name may mean. `a.b` may be `b` of the database `a` or, where names may hold dots, `a.b` of the
 * database `default`: where both are there, both are meant, so that nothing asked for is left out.
 */
export const resolveName = (catalogue: Catalogue, text: string): CollectionName[] =>
  [...readings(text)].filter((name) => exists(catalogue, name));

function unmatched(catalogue: Catalogue, pattern: string): Error {
  const known = everything(catalogue).map(fullName);
  const facts = {
    got: JSON.stringify(pattern),
    details: { pattern, known: known.slice(0, SHOWN), knownTotal: known.length },
  };
  const databases = [...catalogue.keys()];
  const named = [...readings(pattern)].slice(1).map((name) => name.database);
  if (named.length > 0 && !named.some((database) => catalogue.has(database))) {
    return fail('DATABASE_NOT_FOUND', { ...facts, expected: `one of the databases ${databases.join(', ')}` });
  }
  const listed = known.slice(0, SHOWN).join(', ');
  return fail('COLLECTION_NOT_FOUND', {
    ...facts,
    expected: known.length === 0 ? 'a collection, but there is none' : `one of ${listed}`,
  });
}

function matches(catalogue: Catalogue, pattern: string): { found: CollectionName[]; wildcard: boolean } {
  if (pattern === '*') return { found: everything(catalogue), wildcard: true };
  const database = pattern.endsWith('.*') ? pattern.slice(0, -2) : null;
  if (database !== null && catalogue.has(database)) return { found: allOf(catalogue, database), wildcard: true };
  return { found: resolveName(catalogue, pattern), wildcard: false };
}

/**
 * The collections that the patterns mean, each once, in the catalogue's order. No pattern means `*`.
 * COLLECTION_NOT_FOUND, DATABASE_NOT_FOUND for a pattern that means none.
 */
export function selectCollections(patterns: readonly string[], catalogue: Catalogue): Selection {
  const named = new Set<string>();
  const chosen = new Set<string>();
  const skipped = new Set<string>();
  for (const pattern of patterns.length === 0 ? ['*'] : patterns) {
    const { found, wildcard } = matches(catalogue, pattern);
    if (found.length === 0) throw unmatched(catalogue, pattern);
    for (const name of found) {
      (wildcard && isStagingName(name.collection) ? skipped : chosen).add(nameId(name));
      if (!wildcard) named.add(nameId(name));
    }
  }
  const all = everything(catalogue);
  return {
    names: all.filter((name) => chosen.has(nameId(name))).map((name) => ({ ...name, named: named.has(nameId(name)) })),
    leftOut: all.filter((name) => skipped.has(nameId(name)) && !chosen.has(nameId(name))),
  };
}
