/** Changes of a run's hash that must not fall between two other ones. KEYS[1] the hash, ARGV[1] its life in ms. */

/** ARGV[2…]: fields and values. */
export const CREATE = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/** ARGV[2…]: fields and values. Only while the run goes on. */
export const CHANGE = `
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/**
 * KEYS[1] the plan. ARGV[2] its generation, ARGV[3] its state from now on. Only once, and only while it is the plan: a
 * process that lost its lock must not change what others work by.
 */
export const BEGUN = `
local plan = redis.call('HMGET', KEYS[1], 'generation', 'begun', 'state')
if plan[1] ~= ARGV[2] or plan[2] ~= '0' or not plan[3] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'begun', 1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/** The same: of several ends, the first one counts. */
export const END = CHANGE;

/**
 * KEYS[2] what each part has done. ARGV[2] the part, then its rows and bytes so far in this try, then 1 when it is
 * done. The sums in the run's hash follow by the difference, so that a part that starts again is not counted twice.
 */
export const PART = `
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'running' then return 0 end
local old = redis.call('HGET', KEYS[2], ARGV[2])
local rows, bytes, done = 0, 0, 0
if old then
  local r, b, d = old:match('^(%d+) (%d+) (%d+)$')
  rows, bytes, done = tonumber(r), tonumber(b), tonumber(d)
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3] .. ' ' .. ARGV[4] .. ' ' .. ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[1])
redis.call('HINCRBY', KEYS[1], 'rows', string.format('%.0f', tonumber(ARGV[3]) - rows))
redis.call('HINCRBY', KEYS[1], 'bytes', string.format('%.0f', tonumber(ARGV[4]) - bytes))
redis.call('HINCRBY', KEYS[1], 'partsDone', tonumber(ARGV[5]) - done)
return 1`;
