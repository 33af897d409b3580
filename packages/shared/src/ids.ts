import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import type { Clock } from './clock.ts';

/** Lower-case ULIDs: sortable by time, safe in every file system and URL. */
export const newId = (clock: Clock): string =>
  // ulid takes 0 for "no time given" and would read the machine's clock.
  ulid(Math.max(1, clock.now())).toLowerCase();

/** An id that sorts after another one, also where that was made by a clock that is ahead of this one. */
export const newIdAfter = (clock: Clock, earlier: string): string =>
  newId({ ...clock, now: () => Math.max(clock.now(), timeOfId(earlier) + 1) });

export const ID_PATTERN = '^[0-9a-hjkmnp-tv-z]{26}$';

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** Milliseconds since 1970 at which an id was made: its first ten characters. Of a {@link hashedName}, a time of no meaning. */
export function timeOfId(id: string): number {
  let time = 0;
  for (const character of id.slice(0, 10)) time = time * 32 + CROCKFORD.indexOf(character);
  return time;
}

/** 26 characters of base 32 from a SHA-256: a name for user text that is safe in any path. Shape of a ULID. */
export function hashedName(...parts: string[]): string {
  const digest = createHash('sha256').update(parts.join('\0')).digest();
  let bits = 0n;
  for (const byte of digest.subarray(0, 17)) bits = (bits << 8n) | BigInt(byte);
  bits >>= 6n;
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = (CROCKFORD[Number(bits & 31n)] ?? '') + text;
    bits >>= 5n;
  }
  return text;
}

/** Key of one collection inside a backup's folder (`docs/backup-format.md`, "Names"). */
export const collectionKey = (database: string, collection: string): string => hashedName(database, collection);

/** Id of a source, from its address alone: the same Milvus is the same source with and without a server. */
export const sourceIdOf = (address: string): string => hashedName('source', normaliseAddress(address));

/** `localhost:19530`, `http://localhost:19530/` and `tcp://localhost:19530` name one Milvus. */
export function normaliseAddress(address: string): string {
  const match = /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?<rest>[^/?#]+)/i.exec(address.trim());
  const rest = (match?.groups?.['rest'] ?? address).toLowerCase();
  return /:\d+$/.test(rest) ? rest : `${rest}:19530`;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** `full_YYYYMMDD_HHMMSS` or `incr_YYYYMMDD_HHMMSS` in UTC: what people see (original-system contract). */
export function backupName(type: 'full' | 'incremental', at: number): string {
  const t = new Date(at);
  const day = `${pad(t.getUTCFullYear(), 4)}${pad(t.getUTCMonth() + 1, 2)}${pad(t.getUTCDate(), 2)}`;
  const time = `${pad(t.getUTCHours(), 2)}${pad(t.getUTCMinutes(), 2)}${pad(t.getUTCSeconds(), 2)}`;
  return `${type === 'full' ? 'full' : 'incr'}_${day}_${time}`;
}
