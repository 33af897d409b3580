import { examinerOf, type Diagnosis } from '@milvault/jobs';
import { isStopped, loadConfig, type Config } from '@milvault/shared';
import { answer } from '../answer.ts';
import type { Cli } from '../cli.ts';
import { action, command, type CommandFactory } from '../command.ts';
import type { Globals } from '../options.ts';
import { doctorText } from '../output/doctor.ts';

export const doctor: CommandFactory = (cli, print) =>
  command({
    name: 'doctor',
    about:
      'Look for what is wrong with the whole set-up: configuration, Redis, workers, sources, repositories, plans, channels. ' +
      'It connects to all of them from this machine, as the service does, and says what to do. Nothing is changed, and no ' +
      'message is sent.',
    globals: ['json', 'config'],
    examples: ['milvault doctor', 'milvault doctor --config /etc/milvault/milvault.json --json'],
  }).action(
    action<Globals>(cli, print, async ({ options }) => {
      const found = await diagnoses(cli, options.config);
      return answer(
        found,
        doctorText(found, cli.terminal.style),
        found.every(({ state }) => state !== 'bad'),
      );
    }),
  );

async function diagnoses({ env, folder, examine }: Cli, file: string | undefined): Promise<Diagnosis[]> {
  const say = examinerOf('configuration');
  let config: Config;
  try {
    config = await loadConfig({ env, folder, ...(file === undefined ? {} : { file }) });
  } catch (thrown) {
    if (isStopped(thrown)) throw thrown;
    return [say.fault(thrown)];
  }
  const what =
    config.file === null ? 'There is no file: defaults and environment are used' : `${config.file} has no faults`;
  return [say.ok(what), ...(await examine(config))];
}
