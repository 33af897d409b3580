import type { Secret } from '@milvault/shared';
import { hmac, isEqual } from './token.ts';

const SESSION_MS = 12 * 3_600_000;
const SHAPE = /^(\d{1,16})\.([\w-]{0,64})\.([\w-]{43})$/;

/** Whose session it is: a made token, or with null the admin token. */
export interface SessionOwner {
  readonly name: string;
  readonly sessionSalt: string;
  readonly expiresAt: number | null;
}

/** Session cookies that are good for half a day and never longer than their token. */
export interface Sessions {
  issue(owner: SessionOwner | null, now: number): { value: string; seconds: number };
  /** The name that a cookie claims to be of, '' for the admin token; null: it is no cookie of ours, or it has ended. */
  claimed(value: string, now: number): string | null;
  /** Whether the cookie was really issued for that owner. */
  isOf(value: string, owner: SessionOwner | null): boolean;
}

/**
 * A cookie is `<end>.<name>.<HMAC of both>`: any API process knows it and none keeps it. The key comes from the admin
 * token, so that another admin token ends all sessions, and for a made token also from its salt, which goes with it. Who
 * reads the salt lacks the admin token; who holds a cookie lacks the salt, and so cannot try admin tokens against it.
 */
export function createSessions(adminToken: Secret): Sessions {
  const sign = (end: string, owner: SessionOwner | null): string => {
    const key = hmac(adminToken.reveal(), `milvault session\0${owner?.sessionSalt ?? ''}`);
    return hmac(key, `${end}.${owner?.name ?? ''}`);
  };
  return {
    issue: (owner, now) => {
      const end = Math.min(now + SESSION_MS, owner?.expiresAt ?? Infinity);
      const value = `${String(end)}.${owner?.name ?? ''}.${sign(String(end), owner)}`;
      return { value, seconds: Math.ceil((end - now) / 1000) };
    },
    claimed: (value, now) => {
      const [, end = '', name = ''] = SHAPE.exec(value) ?? [];
      return Number(end) > now ? name : null;
    },
    isOf: (value, owner) => {
      const [, end = '', name = '', signature = ''] = SHAPE.exec(value) ?? [];
      return name === (owner?.name ?? '') && isEqual(signature, sign(end, owner));
    },
  };
}
