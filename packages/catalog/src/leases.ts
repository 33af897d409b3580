import { keyOf, script, type Store } from './store.ts';

export interface Leases {
  /**
   * Takes all of the names for the run, or none: gives the run that has one of them, or null when they are the run's
   * (also when they were before). A holder that has ended, or that nobody knows, loses its lease here.
   */
  take(names: readonly string[], runId: string): Promise<string | null>;
  /** Gives back what this run holds, and only that. */
  release(runId: string): Promise<void>;
  /** A lease of one process, for work that only one should do at a time. Gives whether it was free. */
  claim(name: string, holder: string, ms: number): Promise<boolean>;
}

/**
 * One hash of name -> run. Few leases are held at once, so comparing with each is cheap, and one script takes several
 * at once: two runs never wait for each other. Names are `<source>/<pattern>`; `*` and `database.*` cover others.
 */
const TAKE = `
local function covers(a, b)
  if a == b or a == '*' then return true end
  return a:sub(-2) == '.*' and b:sub(1, #a - 1) == a:sub(1, -2)
end
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  local owner = held[i + 1]
  if owner ~= ARGV[1] then
    local source, pattern = held[i]:match('^([^/]*)/(.*)$')
    for n = 3, #ARGV do
      local wantedSource, wanted = ARGV[n]:match('^([^/]*)/(.*)$')
      if source == wantedSource and (covers(pattern, wanted) or covers(wanted, pattern)) then
        local state = redis.call('HGET', ARGV[2] .. owner, 'state')
        if state == 'queued' or state == 'running' then return owner end
        redis.call('HDEL', KEYS[1], held[i])
        break
      end
    end
  end
end
for n = 3, #ARGV do redis.call('HSET', KEYS[1], ARGV[n], ARGV[1]) end
return false`;

const RELEASE = `
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  if held[i + 1] == ARGV[1] then redis.call('HDEL', KEYS[1], held[i]) end
end
return 1`;

const CLAIM = `
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

export function createLeases(store: Store): Leases {
  const { redis } = store;
  const key = keyOf(store, 'leases');
  return {
    take: async (names, runId) => {
      if (names.length === 0) return null;
      const owner = await script(redis, TAKE, [key], [runId, keyOf(store, 'run', ''), ...names]);
      return typeof owner === 'string' ? owner : null;
    },
    release: async (runId) => {
      await script(redis, RELEASE, [key], [runId]);
    },
    claim: async (name, holder, ms) =>
      (await script(redis, CLAIM, [keyOf(store, 'claim', name)], [holder, Math.ceil(ms)])) === 1,
  };
}
