const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** Milliseconds since 1970 in the first ten characters of a lower-case ULID. */
export function decodeTime(id: string): number {
  let time = 0;
  for (const character of id.slice(0, 10)) time = time * 32 + CROCKFORD.indexOf(character);
  return time;
}
