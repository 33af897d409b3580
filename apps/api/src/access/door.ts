import type { Token, Tokens } from '@milvault/catalog';
import type { Clock, Secret } from '@milvault/shared';
import { ADMIN_TOKEN, type Caller } from './roles.ts';
import { createSessions } from './session.ts';
import { hashOf, isEqual, isMadeToken } from './token.ts';

/** A caller who was let in, and with what: null is the admin token. */
export interface Entry {
  readonly caller: Caller;
  readonly token: Token | null;
}

/** Knows callers by the admin token, by a made token, or by a session of either. Null: nobody that we know. */
export interface Door {
  byToken(given: string): Promise<Entry | null>;
  bySession(cookie: string): Promise<Entry | null>;
  /** A session for whoever came in. */
  issue(entry: Entry): { value: string; seconds: number };
}

/** So coarse is the time of use kept: a busy token costs one write a minute. */
const TOUCH_MS = 60_000;

/**
 * Made tokens are asked for at every call and remembered by nobody: what is revoked is void at once, in every process.
 * The admin token and its sessions need no Redis.
 */
export function createDoor(adminToken: Secret, tokens: Tokens, clock: Clock): Door {
  const sessions = createSessions(adminToken);
  const admitted = async (token: Token | null): Promise<Entry | null> => {
    const now = clock.now();
    if (token === null || (token.expiresAt ?? Infinity) <= now) return null;
    if (token.usedAt === null || now - token.usedAt >= TOUCH_MS) await tokens.touch(token.name);
    return { caller: { name: token.name, role: token.role }, token };
  };
  const admin: Entry = { caller: ADMIN_TOKEN, token: null };
  return {
    byToken: async (given) => {
      if (isEqual(given, adminToken.reveal())) return admin;
      return isMadeToken(given) ? admitted(await tokens.findByHash(hashOf(given))) : null;
    },
    bySession: async (cookie) => {
      const name = sessions.claimed(cookie, clock.now());
      if (name === null) return null;
      if (name === '') return sessions.isOf(cookie, null) ? admin : null;
      const token = await tokens.find(name);
      return token !== null && sessions.isOf(cookie, token) ? admitted(token) : null;
    },
    issue: ({ token }) => sessions.issue(token, clock.now()),
  };
}
