import { entry } from './entry.ts';

/** The part of {@link ERRORS} that tells of repositories, their stores and what lies in them. */
export const REPOSITORY_ERRORS = {
  REPO_NOT_A_REPOSITORY: entry(
    422,
    false,
    'There is no milvault repository at this place',
    'Create one with `milvault repo init`, or mount the right folder',
  ),
  REPO_VERSION_UNKNOWN: entry(
    422,
    false,
    'The repository has a format that this version does not know',
    'Use the version of milvault that wrote it, or a later one',
  ),
  REPO_NOT_WRITABLE: entry(
    500,
    false,
    'The repository cannot be written',
    'Give the user that runs milvault the right to write there',
  ),
  REPO_FULL: entry(
    507,
    false,
    'The repository has no space left',
    'Free space or enlarge the disk; older backups are untouched',
  ),
  REPO_WRITE_FAILED: entry(
    500,
    true,
    'A write to the repository failed',
    'Check the disk or the mount; older backups are untouched',
  ),
  REPO_READ_FAILED: entry(
    500,
    true,
    'A read from the repository failed',
    'Check the disk or the mount; nothing was called damaged for this',
  ),
  REPO_ACCESS_DENIED: entry(
    502,
    false,
    'The store of the repository refused the credentials',
    'Check the keys and their rights, and the clock of this machine',
  ),
  REPO_STORE_UNSAFE: entry(
    422,
    false,
    'The store does not keep the promises that a repository needs',
    'Use another store, or a newer version of it; `milvault repo probe` shows what it lacks',
  ),
  EXPORT_WRITE_FAILED: entry(
    500,
    false,
    'An export cannot be written to its folder',
    'Check the space and the rights of the folder, then export again; the backup is untouched',
  ),
  OBJECT_MISSING: entry(
    500,
    false,
    'A file of the repository is missing',
    'Restore another backup; verify the others; look who deletes in the repository',
  ),
  OBJECT_DAMAGED: entry(
    500,
    false,
    'A file of the repository is damaged',
    'Restore another backup; take a new full; look at the disk',
  ),
  BACKUP_DAMAGED: entry(
    409,
    false,
    'The backup is damaged, so nothing was restored',
    'Restore another backup, or what is left of this one by `--salvage`; `milvault backup verify` names what is damaged',
  ),
  BASE_GONE: entry(
    409,
    true,
    'The base of the incremental was deleted or changed meanwhile',
    'Nothing: the run plans again, with another base or as a full',
  ),
  BASE_DAMAGED: entry(
    409,
    true,
    'The base of the incremental is damaged',
    'The run plans again without it; look at the disk of the repository, and verify its backups',
  ),
  CONSISTENCY_TOO_WEAK: entry(
    409,
    true,
    'The backup is worth less as a point in time than its plan accepts',
    'Back up while less is written, accept a weaker label, or use an engine that can pin a moment',
  ),
  BACKUP_ABORTED: entry(409, false, 'The backup was given up before it was complete', 'Take a new backup'),
  BACKUP_NEEDED: entry(
    409,
    false,
    'The backup must stay',
    'Read the reason; release the hold, or delete what depends on it first',
  ),
} as const;
