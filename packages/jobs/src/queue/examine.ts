import { formatDuration, silentLogger, type Clock, type Config } from '@milvault/shared';
import { examinerOf, type Diagnosis } from '../doctor/diagnosis.ts';
import { overdueFinding, workersFinding } from '../findings.ts';
import { createService, type QueueService } from './service.ts';

/** Clocks that differ by more make schedules, ages and the time limits of runs wrong. */
const MOST_SKEW_MS = 5 * 60_000;

/** Whether Redis can be trusted with jobs, and whether somebody takes them. */
export async function examineQueues(
  config: Config,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Diagnosis[]> {
  const say = examinerOf('redis');
  let service: QueueService;
  try {
    service = await createService(config, { clock, logger: silentLogger, keeper: false });
  } catch (thrown) {
    signal.throwIfAborted();
    return [say.fault(thrown)];
  }
  try {
    const health = await service.queueHealth();
    const skew = Math.abs((await service.redisNow()) - clock.now());
    return [
      say.ok('Redis keeps what it is given'),
      ...(skew <= MOST_SKEW_MS
        ? []
        : [say.bad(`Its clock and ours differ by ${formatDuration(skew)}`, 'Let both machines keep time by NTP')]),
      examinerOf('workers').finding(workersFinding(health)),
      ...health.schedules
        .map((schedule) => overdueFinding(schedule, clock.now()))
        .filter(({ ok }) => !ok)
        .map((finding) => examinerOf('schedule', finding.subject).finding(finding)),
    ];
  } catch (thrown) {
    signal.throwIfAborted();
    return [say.fault(thrown)];
  } finally {
    await service.close();
  }
}
