import type { MilvusClient } from '@milvault/milvus';
import { fail, type Clock } from '@milvault/shared';

/** Milvus's timestamps are milliseconds and, in their last bits, a counter. */
export const LOGICAL_BITS = 18n;

const POLL_MS = 10;
/** A clock that stands so long will not go on. */
const LIMIT_MS = 30_000;

/**
 * A moment by Milvus's clock that an import can be told, so a whole millisecond, and that is past all that was acknowledged
 * before the call: the millisecond after the one that Milvus is in, once it is there. Its clock stands for 50 ms at a time,
 * longer under load, and only counts in its last bits: the start of the millisecond would leave out all writes of that time.
 * Null where the server does not tell; SOURCE_TIMEOUT where its clock does not go on.
 */
export async function wholeMoment(
  client: Pick<MilvusClient, 'moment'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<string | null> {
  const now = await client.moment(signal);
  if (now === null) return null;
  const next = ((BigInt(now) >> LOGICAL_BITS) + 1n) << LOGICAL_BITS;
  const start = clock.monotonic();
  for (;;) {
    const seen = await client.moment(signal);
    if (seen === null) return null;
    if (BigInt(seen) >= next) return next.toString();
    if (clock.monotonic() - start > LIMIT_MS) throw standing(seen);
    await clock.sleep(POLL_MS, signal);
  }
}

const standing = (seen: string): Error =>
  fail('SOURCE_TIMEOUT', {
    what: "Milvus's clock does not go on",
    expected: `another millisecond within ${LIMIT_MS / 1000} s`,
    got: `${seen} again and again`,
  });
