import type { Role } from '@milvault/shared';
import { keyOf, parse, script, type Store } from './store.ts';

/** A token as it is kept: enough to know it again, too little to be used by whoever reads it here. */
export interface Token {
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of its secret, as hex. */
  readonly hash: string;
  /** Random; sessions of the token are signed with it and with what is not kept here. */
  readonly sessionSalt: string;
  /** Who made it. */
  readonly by: string;
  readonly createdAt: number;
  /** Null: it has no end of its own. */
  readonly expiresAt: number | null;
  /** When it was last used, to the minute; null: never. */
  readonly usedAt: number | null;
}

/** API tokens by name. What is removed is unknown to every process at once: nothing of this is kept in memory. */
export interface Tokens {
  /** Gives whether the name was free; an ended token has its name until it is removed. */
  add(token: Omit<Token, 'usedAt'>): Promise<boolean>;
  find(name: string): Promise<Token | null>;
  /** By the SHA-256 of its secret, as hex. */
  findByHash(hash: string): Promise<Token | null>;
  /** Notes that it is used now. Nothing happens to one that was removed. */
  touch(name: string): Promise<void>;
  /** By name, ended ones too. */
  list(): Promise<Token[]>;
  /** Gives whether it was there. */
  remove(name: string): Promise<boolean>;
}

const MINUTE_MS = 60_000;

/** KEYS: the records, the names by hash, the times of use. */
const ADD = `
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[1])
return 1`;

const TOUCH = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[3], ARGV[1], ARGV[2]) end
return 1`;

const REMOVE = `
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], cjson.decode(text).hash)
redis.call('HDEL', KEYS[3], ARGV[1])
return 1`;

export function createTokens(store: Store): Tokens {
  const { redis, clock } = store;
  const [records, names, used] = [
    keyOf(store, 'tokens'),
    keyOf(store, 'tokens', 'hashes'),
    keyOf(store, 'tokens', 'used'),
  ];
  const keys = [records, names, used];
  const find = async (name: string): Promise<Token | null> => {
    const [text, usedAt] = await Promise.all([redis.hget(records, name), redis.hget(used, name)]);
    return text === null ? null : withUse(text, usedAt);
  };
  return {
    find,
    add: async (token) => (await script(redis, ADD, keys, [token.name, JSON.stringify(token), token.hash])) === 1,
    findByHash: async (hash) => {
      const name = await redis.hget(names, hash);
      const token = name === null ? null : await find(name);
      // Between the two questions another token may have got the name.
      return token?.hash === hash ? token : null;
    },
    touch: async (name) => {
      await script(redis, TOUCH, keys, [name, Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS]);
    },
    list: async () => {
      const [texts, times] = await Promise.all([redis.hgetall(records), redis.hgetall(used)]);
      return Object.entries(texts)
        .map(([name, text]) => withUse(text, times[name]))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    remove: async (name) => (await script(redis, REMOVE, keys, [name])) === 1,
  };
}

const withUse = (text: string, usedAt: string | null | undefined): Token => ({
  ...parse<Omit<Token, 'usedAt'>>(text),
  usedAt: usedAt === null || usedAt === undefined ? null : Number(usedAt),
});
