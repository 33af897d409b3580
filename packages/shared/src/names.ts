import { fail } from './errors/error.ts';

/** Names that milvault gives meaning to: of plans, sources, repositories, channels. Safe in paths, URLs and keys. */
export const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$';

/** Longest name of a collection, partition or database that Milvus takes, in characters. */
const LONGEST_FOREIGN_NAME = 255;

/**
 * What is wrong with a name that Milvus owns (database, collection, partition, alias), or null. Each Milvus has rules of
 * its own for the rest; this keeps out what could leave a path or break a line.
 */
export function nameComplaint(name: string): string | null {
  if (name === '') return 'an empty name';
  if (name.length > LONGEST_FOREIGN_NAME) return `a name of ${name.length} characters`;
  if (/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}/u.test(name)) return 'a name with control characters';
  if (/[/\\]/.test(name)) return 'a name with a slash';
  if (name.includes('..')) return 'a name with `..`';
  if (/\s/.test(name)) return 'a name with white space';
  return null;
}

/** Returns the name, or throws NAME_INVALID. `what` names its role: `collection`, `suffix`. */
export function requireName(name: string, what: string): string {
  const complaint = nameComplaint(name);
  if (complaint === null) return name;
  throw fail('NAME_INVALID', {
    what: `The ${what} ${JSON.stringify(name.slice(0, 80))} is not allowed`,
    expected: `up to ${LONGEST_FOREIGN_NAME} characters without slashes, \`..\`, white space and control characters`,
    got: complaint,
  });
}
