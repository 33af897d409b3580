import { endianness } from 'node:os';
import { fail, hasCode, newId, silentLogger, type Clock, type Logger, type S3Access } from '@milvault/shared';
import type { RepositoryContext } from './context.ts';
import { encodeSealed } from './format/json.ts';
import { REPO_KEY } from './format/names.ts';
import { FORMAT, RepoRecord } from './format/records.ts';
import { createMemo } from './memo.ts';
import type { ReleaseTool, Repository, StorageDriver } from './port.ts';
import { requireSafeStore } from './probe/require.ts';
import { readRepoRecord } from './repo-record.ts';
import { createRepository } from './repository.ts';
import { openStorage } from './storage/registry.ts';

export interface RepositoryOptions {
  readonly clock: Clock;
  readonly logger?: Logger;
  /** What backups call this repository; default: its place. */
  readonly name?: string;
  /** What a place in a bucket is reached with. Default: a profile or a role of this machine. */
  readonly access?: S3Access | null;
  /** The store to use instead of the one that the place names: a wrapper, or a test's own. */
  readonly storage?: StorageDriver;
  /** Without it, backups that a tool keeps cannot be deleted. */
  readonly release?: ReleaseTool;
}

const cannotRelease: ReleaseTool = async (_engine, { api, name }) => {
  throw fail('OPTION_UNSUPPORTED', {
    what: `The backup ${name} lies at the tool ${api}, which is not in reach here`,
    next: 'Delete it with a milvault that reaches the tool',
  });
};

/** A write that takes longer than this is dead. */
const LEFT_OVER_AGE = 24 * 60 * 60 * 1000;
/** Enough for years of backups, and at most some ten megabytes. */
const MEMO = { slots: 5_000, reports: 10_000, manifests: 64, indexes: 16 } as const;

/** Opens a repository. REPO_NOT_A_REPOSITORY where there is none, REPO_VERSION_UNKNOWN where it is of a later format. */
export async function openRepository(place: string, options: RepositoryOptions): Promise<Repository> {
  const driver = driverOf(place, options);
  return createRepository(createContext(driver, await readRepoRecord(driver), options));
}

/**
 * Creates a repository, or opens the one that is there. A place that holds something else is REPO_NOT_A_REPOSITORY; a
 * store that does not keep the promises that a repository stands on is REPO_STORE_UNSAFE.
 */
export async function initRepository(place: string, options: RepositoryOptions): Promise<Repository> {
  const driver = driverOf(place, options);
  try {
    return createRepository(createContext(driver, await readRepoRecord(driver), options));
  } catch (error) {
    if (!hasCode(error, 'REPO_NOT_A_REPOSITORY')) throw error;
  }
  if (!(await driver.isEmpty())) {
    throw fail('REPO_NOT_A_REPOSITORY', {
      what: `${driver.place} holds something that is no milvault repository`,
      expected: 'an empty or missing folder, or a prefix of a bucket with nothing below it',
      next: 'Give an empty place, or the place of the repository itself',
    });
  }
  await requireSafeStore(driver, options.clock);
  const record: RepoRecord = {
    repoId: newId(options.clock),
    format: FORMAT,
    requiredFeatures: [],
    optionalFeatures: [],
    createdAt: options.clock.now(),
  };
  // Of two that create at once one wins, and both open what it wrote.
  await driver.create(REPO_KEY, encodeSealed(RepoRecord, record));
  await driver.sweep(LEFT_OVER_AGE);
  return createRepository(createContext(driver, await readRepoRecord(driver), options));
}

const driverOf = (place: string, { storage, clock, access }: RepositoryOptions): StorageDriver =>
  storage ?? openStorage(place, clock, access);

function createContext(driver: StorageDriver, record: RepoRecord, options: RepositoryOptions): RepositoryContext {
  if (endianness() !== 'LE') {
    throw fail('INTERNAL', { what: 'milvault needs a little-endian machine: values are stored as they are in memory' });
  }
  return {
    repoId: record.repoId,
    name: options.name ?? driver.place,
    driver,
    clock: options.clock,
    logger: options.logger ?? silentLogger,
    release: options.release ?? cannotRelease,
    memo: {
      slots: createMemo(MEMO.slots),
      reports: createMemo(MEMO.reports),
      manifests: createMemo(MEMO.manifests),
      indexes: createMemo(MEMO.indexes),
    },
  };
}
