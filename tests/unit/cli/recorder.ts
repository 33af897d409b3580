import { fail } from '@milvault/shared';
import type { Backend } from '../../../apps/cli/src/backend.ts';
import type { OpenOptions } from '../../../apps/cli/src/cli.ts';
import { milvault, type Said } from '../../support/cli.ts';
import { audited, token } from './access-samples.ts';
import { backup, probed, repository, run } from './samples.ts';

export type Asked = [string, ...unknown[]];

/** Says which calls a command made of the one port that it knows. */
export function recorder(answers: Partial<Backend> = {}) {
  const asked: Asked[] = [];
  const opened: OpenOptions[] = [];
  const note =
    <T>(name: string, result: T) =>
    (...args: unknown[]): Promise<T> => {
      asked.push([name, ...args]);
      return Promise.resolve(result);
    };
  const backend: Backend = {
    start: note('start', { ...run, state: 'queued' as const }),
    run: note('run', run),
    runs: note('runs', { runs: [run], total: 1 }),
    logs: note('logs', ['a', 'b']),
    cancel: note('cancel', run),
    wait: () => Promise.resolve(run),
    backups: note('backups', [backup]),
    survey: note('survey', { backups: [backup], unread: [] }),
    backup: note('backup', backup),
    removeBackup: note('removeBackup', undefined),
    holdBackup: note('holdBackup', backup),
    releaseBackup: note('releaseBackup', backup),
    inspect: () => Promise.reject(fail('SOURCE_NOT_FOUND')),
    repository: () => Promise.resolve(repository),
    initRepository: () => Promise.reject(fail('REPO_NOT_A_REPOSITORY')),
    probeRepository: note('probeRepository', probed),
    openExport: () => Promise.reject(fail('BACKUP_NOT_FOUND')),
    plans: note('plans', []),
    runPlan: note('runPlan', run),
    tokens: note('tokens', [token]),
    makeToken: note('makeToken', { ...token, secret: 'mv_shown-once' }),
    revokeToken: note('revokeToken', undefined),
    audit: note('audit', audited),
    close: note('close', undefined),
    ...answers,
  };
  const type = (line: string | readonly string[], folder = '/home/somebody'): Promise<Said> =>
    milvault(typeof line === 'string' ? line.split(' ') : line, {
      folder,
      open: (options) => {
        opened.push(options);
        return Promise.resolve(backend);
      },
    });
  return { asked, opened, type };
}
