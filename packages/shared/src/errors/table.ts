import { entry, type ErrorEntry } from './entry.ts';
import { REPOSITORY_ERRORS } from './repository.ts';
import { TOOL_ERRORS } from './tool.ts';

/**
 * Every error that milvault can raise: the one list behind logs, API answers, exit codes, alerts and `docs/errors.md`.
 *
 * A code is part of the interface: it is never renamed and never used for a second meaning.
 * `retryable` says whether the same call may succeed later without anybody changing anything.
 */
export const ERRORS = {
  // What a person wrote
  CONFIG_INVALID: entry(
    422,
    false,
    'The configuration has faults',
    'Mend each fault that is listed with its path, then start again',
  ),
  CONFIG_UNREADABLE: entry(
    422,
    false,
    'The configuration file cannot be read',
    'Check that the file exists, is readable and is JSON or YAML',
  ),
  REQUEST_INVALID: entry(
    400,
    false,
    'The request does not fit its schema',
    'Compare the named field with /docs and send it again',
  ),
  REQUEST_NOT_JSON: entry(
    400,
    false,
    'The body of the request is not JSON',
    'Send a JSON body with Content-Type: application/json',
  ),
  NAME_INVALID: entry(
    400,
    false,
    'A name is not allowed',
    'Choose a name without path parts, slashes and control characters',
  ),
  TIME_INVALID: entry(
    400,
    false,
    'A time or schedule is impossible',
    'Give HH:MM, a valid cron pattern or an existing time zone',
  ),
  OPTION_UNSUPPORTED: entry(
    400,
    false,
    'An option is not offered here',
    'Leave the option out, or choose one that is listed',
  ),
  UNAUTHENTICATED: entry(401, false, 'No valid token was given', 'Send Authorization: Bearer <token>'),
  FORBIDDEN: entry(403, false, 'The token may not do this', 'Ask an admin for a token with the role that is named'),
  ROUTE_NOT_FOUND: entry(404, false, 'There is nothing at this address', 'See /docs for the routes'),
  BACKUP_NOT_FOUND: entry(
    404,
    false,
    'There is no such backup',
    'List the backups and take an id or name from the list',
  ),
  RUN_NOT_FOUND: entry(404, false, 'There is no such run', 'List the runs and take an id from the list'),
  PLAN_NOT_FOUND: entry(404, false, 'There is no such plan', 'List the plans and take an id from the list'),
  SOURCE_NOT_FOUND: entry(
    404,
    false,
    'There is no such source',
    'Give the name of a configured source, or its address',
  ),
  REPOSITORY_NOT_FOUND: entry(
    404,
    false,
    'There is no such repository in the configuration',
    'Give the name of a configured repository, or a folder',
  ),
  CHANNEL_NOT_FOUND: entry(404, false, 'There is no such channel', 'List the channels and take a name from the list'),
  TOKEN_NOT_FOUND: entry(404, false, 'There is no such token', 'List the tokens and take a name from the list'),
  CONFLICT: entry(
    409,
    false,
    'Something of that kind is already there or under way',
    'Wait for it to end, or choose another name',
  ),
  RATE_LIMITED: entry(429, true, 'Too many requests', 'Wait as long as the Retry-After header says'),
  BIND_UNSAFE: entry(
    500,
    false,
    'milvault does not listen beyond this machine without an admin token',
    'Set MILVAULT_ADMIN_TOKEN, or bind to 127.0.0.1',
  ),

  // The source, or the target of a restore
  SOURCE_UNREACHABLE: entry(502, true, 'Milvus does not answer', 'Check the address, the network and that Milvus runs'),
  SOURCE_AUTH_FAILED: entry(
    502,
    false,
    'Milvus refused the credentials',
    'Check the token or the user and password of the source',
  ),
  SOURCE_UNSUPPORTED: entry(
    422,
    false,
    'This Milvus lacks what is needed',
    'Use Milvus 2.3 or later, or Milvus Lite 3.2 or later',
  ),
  SOURCE_TIMEOUT: entry(
    504,
    true,
    'Milvus took too long to answer',
    'Look at the load of Milvus; the run is tried again',
  ),
  SOURCE_BUSY: entry(503, true, 'Milvus asks for fewer requests', 'Nothing: milvault waits and tries again'),
  SOURCE_REJECTED: entry(502, false, 'Milvus refused a call', 'Read what Milvus said in this error'),
  PROTOCOL_VIOLATION: entry(
    502,
    false,
    'Milvus answered something that cannot be trusted',
    'Report the server version with this error; nothing was saved from that answer',
  ),
  DATABASE_NOT_FOUND: entry(404, false, 'The database does not exist in Milvus', 'Check the name of the database'),
  COLLECTION_NOT_FOUND: entry(
    404,
    false,
    'The collection does not exist in Milvus',
    'Check the name; names are case-sensitive',
  ),
  PARTITION_NOT_FOUND: entry(
    404,
    false,
    'No such partition is there',
    'Check the name; the backup lists the partitions of each collection',
  ),
  COLLECTION_NOT_LOADED: entry(
    409,
    false,
    'The collection is not loaded, so its rows cannot be read',
    'Load the collection (every vector field needs an index first), then run again',
  ),
  COLLECTION_CHANGED: entry(
    409,
    true,
    'The collection was dropped or changed while it was read',
    'Nothing: the run is tried again from the start',
  ),
  ROW_TOO_LARGE: entry(
    422,
    false,
    "A row is larger than the server's message limit",
    'Raise the message limits of Milvus (proxy.grpc.serverMaxSendSize, quotaAndLimits.limits.maxOutputSize)',
  ),
  ROW_COUNT_MISMATCH: entry(
    502,
    true,
    'The rows that were read are not the rows that Milvus counts',
    'Run again; if it stays, compare count(*) with a query of the named key range',
  ),
  TYPE_UNSUPPORTED: entry(
    422,
    false,
    'A field has a type that this engine cannot save',
    'Leave the collection out, or use another engine',
  ),
  TARGET_EXISTS: entry(
    409,
    false,
    'The target collection already exists',
    'Restore under another name, or drop the collection first',
  ),
  TARGET_UNSUPPORTED: entry(
    422,
    false,
    'The target cannot hold what the backup holds',
    'Restore into a Milvus that serves the named types',
  ),
  RESTORE_MISMATCH: entry(
    500,
    true,
    'The restored rows are not the rows of the backup',
    'The target was left under its temporary name; run the restore again and keep this error',
  ),

  IMPORT_FAILED: entry(
    502,
    false,
    'Milvus could not import its own files',
    'Read what Milvus said in this error; restore through rows by leaving out the storage of the target',
  ),
  IMPORT_STALLED: entry(
    504,
    true,
    'An import by Milvus did not come to its end in time',
    'Look at the load and the log of Milvus; the run is tried again',
  ),
  ...TOOL_ERRORS,

  // The files that Milvus itself keeps
  STORAGE_UNREACHABLE: entry(
    502,
    true,
    'The storage of Milvus cannot be read',
    'Check its place in `storage` of the source, the network and the disk; no repository was touched',
  ),
  STORAGE_DENIED: entry(
    502,
    false,
    'The storage of Milvus refused the credentials',
    'Give the keys in `storage` of the source the right to list and read there',
  ),
  STORAGE_FOREIGN: entry(
    422,
    false,
    'The storage belongs to another Milvus',
    'Give the folder, or bucket and rootPath, of this Milvus in `storage` of the source; nothing was written',
  ),
  STORAGE_OBJECT_DAMAGED: entry(
    502,
    true,
    'A file of Milvus is damaged, or of a kind that is not known',
    'The run looks again; if it stays, use the engine rows for this source and look at the disk of Milvus',
  ),
  STORAGE_OBJECT_MISSING: entry(
    502,
    true,
    'A file of Milvus is not there any more',
    'Nothing: Milvus merged or dropped it, and the run looks again; else check that the storage is that of this Milvus',
  ),

  // The repository
  ...REPOSITORY_ERRORS,

  // Redis, queues and runs
  REDIS_UNREACHABLE: entry(503, true, 'Redis does not answer', 'Check REDIS_URL and that Redis runs'),
  REDIS_UNSUPPORTED: entry(500, false, 'This Redis lacks what is needed', 'Use Redis 6.2 or later, or Valkey'),
  REDIS_EVICTS: entry(500, false, 'Redis may throw jobs away', 'Set maxmemory-policy to noeviction'),
  REDIS_FORGETS: entry(500, false, 'Redis would lose its jobs at a restart', 'Set appendonly to yes'),
  RUN_CANCELLED: entry(409, false, 'The run was cancelled', 'Start a new run when you want one'),
  RUN_TIMED_OUT: entry(504, false, 'The run took longer than it may', 'Raise the time limit, or look why it is slow'),
  PART_FAILED: entry(500, false, 'A part of the run failed, so the run failed', 'Read the causes; mend the first one'),
  NO_WORKER: entry(503, true, 'No worker takes jobs', 'Start a worker'),
  API_UNREACHABLE: entry(
    503,
    true,
    'The milvault API does not answer',
    'Start it with `npm start`, set MILVAULT_API, or use --local',
  ),

  // Telling people
  CHANNEL_FAILED: entry(
    502,
    true,
    'A message could not be delivered',
    'Nothing: it is kept and tried again; check the channel if it goes on',
  ),
  CHANNEL_REJECTED: entry(
    502,
    false,
    'The channel refused the message',
    'Check the address and credentials of the channel',
  ),

  INTERNAL: entry(500, false, 'milvault failed in a way that it does not know', 'Report this with the log around it'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
