import { createChannels } from '@milvault/alerts';
import { silentLogger, type Clock, type Config } from '@milvault/shared';
import { composeAdapters } from '../compose.ts';
import { examineQueues } from '../queue/examine.ts';
import { examinerOf, type Diagnosis } from './diagnosis.ts';
import { examinePlan } from './plans.ts';
import { examineRepository } from './repositories.ts';
import { examineSource } from './sources.ts';

export interface ExamineDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Looks at every part of a set-up from this process, and changes nothing but for a moment below `probe/` of each
 * repository. What is broken is in the answer: only a stop rejects.
 */
export async function examine(config: Config, { clock, signal }: ExamineDeps): Promise<Diagnosis[]> {
  const adapters = composeAdapters(config, { clock, logger: silentLogger });
  const context = { clock, logger: silentLogger, signal, onProgress: () => undefined };
  const [queues, sources, repositories, channels] = await Promise.all([
    examineQueues(config, { clock, signal }),
    Promise.all(config.sources.map((source) => examineSource(source, adapters, context))),
    Promise.all(config.repositories.map((one) => examineRepository(one, config, adapters, signal))),
    examineChannels(config, signal),
  ]);
  const broken = new Set(
    [...sources, ...repositories]
      .flat()
      .flatMap(({ state, part, subject }) => (state === 'bad' ? `${part} ${subject}` : [])),
  );
  // What is wrong with its source or repository is told once, of that.
  const able = config.plans.filter(
    ({ source, repository }) => !broken.has(`source ${source}`) && !broken.has(`repository ${repository}`),
  );
  const plans = await Promise.all(able.map((plan) => examinePlan(plan, adapters, context)));
  signal.throwIfAborted();
  return [...queues, ...sources.flat(), ...repositories.flat(), ...missing(config), ...plans.flat(), ...channels];
}

function missing({ sources, repositories, plans }: Config): Diagnosis[] {
  const say = examinerOf('configuration');
  if (sources.length === 0) return [say.bad('No Milvus is configured', 'Add one to `sources`')];
  if (repositories.length === 0) return [say.bad('There is no place for backups', 'Add one to `repositories`')];
  return plans.length > 0 ? [] : [say.bad('Nothing is backed up by itself', 'Add a plan to `plans`')];
}

async function examineChannels({ channels }: Config, signal: AbortSignal): Promise<Diagnosis[]> {
  if (channels.length === 0) {
    return [examinerOf('channel').doubt('Nobody is told when a backup fails', 'Add an e-mail or Slack channel')];
  }
  return Promise.all(
    createChannels(channels).map(async ({ kind, name, check }) => {
      const say = examinerOf('channel', name);
      try {
        await check(signal);
        return say.ok(kind === 'email' ? 'The mail server takes messages from us' : 'Its address answers');
      } catch (thrown) {
        signal.throwIfAborted();
        return say.fault(thrown);
      }
    }),
  );
}
