import { fail, hasCode } from '@milvault/shared';
import { decodeSealed, MAX_RECORD_BYTES, parseText, readLimited } from './format/json.ts';
import { REPO_KEY } from './format/names.ts';
import { FORMAT, KNOWN_FEATURES, RepoRecord } from './format/records.ts';
import type { StorageDriver } from './port.ts';

/** What lies at a place. REPO_NOT_A_REPOSITORY, REPO_VERSION_UNKNOWN, OBJECT_DAMAGED. */
export async function readRepoRecord(driver: StorageDriver): Promise<RepoRecord> {
  const bytes = await readLimited(driver, REPO_KEY, MAX_RECORD_BYTES).catch((error: unknown) => {
    if (!hasCode(error, 'OBJECT_MISSING')) throw error;
    throw fail('REPO_NOT_A_REPOSITORY', { what: `There is no ${REPO_KEY} in ${driver.place}`, cause: error });
  });
  requireKnownVersion(parseText(bytes, REPO_KEY), driver.place);
  const record = decodeSealed(RepoRecord, bytes, REPO_KEY);
  const unknown = record.requiredFeatures.filter((feature) => !KNOWN_FEATURES.includes(feature));
  if (unknown.length === 0) return record;
  throw fail('REPO_VERSION_UNKNOWN', {
    what: `The repository in ${driver.place} needs features that this version lacks`,
    expected: KNOWN_FEATURES.join(', ') || 'none',
    got: unknown.join(', '),
  });
}

/** Looks at nothing but the major version: of a later one we know neither the members nor the seal. */
function requireKnownVersion(record: unknown, place: string): void {
  const format = isObject(record) && isObject(record['format']) ? record['format'] : {};
  const major = format['major'];
  if (typeof major !== 'number' || major === FORMAT.major) return;
  throw fail('REPO_VERSION_UNKNOWN', {
    what: `The repository in ${place} has another format`,
    expected: `version ${FORMAT.major}`,
    got: `version ${major}`,
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
