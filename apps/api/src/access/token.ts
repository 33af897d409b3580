import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@milvault/shared';

const SESSION_MS = 12 * 3_600_000;

/** Proves callers by the admin token, or by a session that was signed with it. */
export interface TokenCheck {
  matches(given: string): boolean;
  /** The value of a session cookie that is good from `now` on, and how long. */
  issue(now: number): { value: string; seconds: number };
  isSession(value: string, now: number): boolean;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Sessions are `<end>.<HMAC of end>` under a key made from the token: any API process knows them, none keeps them, and
 * a new token ends them all. Comparisons take the same time whatever was given, whatever its length.
 */
export function tokenCheck(token: Secret): TokenCheck {
  const expected = sha256(token.reveal());
  const key = sha256(`milvault session\0${token.reveal()}`);
  const sign = (end: string): string => createHmac('sha256', key).update(end).digest('base64url');
  return {
    matches: (given) => timingSafeEqual(sha256(given), expected),
    issue: (now) => {
      const end = String(now + SESSION_MS);
      return { value: `${end}.${sign(end)}`, seconds: SESSION_MS / 1000 };
    },
    isSession: (value, now) => {
      const match = /^(\d{1,16})\.([\w-]{43})$/.exec(value);
      const [, end = '', signature = ''] = match ?? [];
      return match !== null && timingSafeEqual(sha256(signature), sha256(sign(end))) && Number(end) > now;
    },
  };
}
