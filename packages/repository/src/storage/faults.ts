import { fail, isMilvaultError, type ErrorCode, type MilvaultError } from '@milvault/shared';

/** The code of a failed system call, or ''. */
export const systemCode = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';

const WRITE_CODES: Partial<Record<string, ErrorCode>> = {
  ENOSPC: 'REPO_FULL',
  EDQUOT: 'REPO_FULL',
  EFBIG: 'REPO_FULL',
  EACCES: 'REPO_NOT_WRITABLE',
  EPERM: 'REPO_NOT_WRITABLE',
  EROFS: 'REPO_NOT_WRITABLE',
};

/** A failed write, as the error that a person can act on. */
export function writeFault(thrown: unknown, place: string, key: string): MilvaultError {
  if (isMilvaultError(thrown)) return thrown;
  const code = WRITE_CODES[systemCode(thrown)] ?? 'REPO_WRITE_FAILED';
  return fail(code, {
    what: `Writing ${key} in ${place} failed (${reason(thrown)})`,
    cause: thrown,
    details: { key, place },
  });
}

export function readFault(thrown: unknown, place: string, key: string): MilvaultError {
  if (isMilvaultError(thrown)) return thrown;
  return fail('REPO_READ_FAILED', {
    what: `Reading ${key} in ${place} failed (${reason(thrown)})`,
    cause: thrown,
    details: { key, place },
  });
}

export const missing = (place: string, key: string, why = 'is not there'): MilvaultError =>
  fail('OBJECT_MISSING', { what: `${key} in ${place} ${why}`, details: { key, place } });

const reason = (thrown: unknown): string =>
  systemCode(thrown) || (thrown instanceof Error ? thrown.message : String(thrown));
