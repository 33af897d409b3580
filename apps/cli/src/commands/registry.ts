import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { group, type Print } from '../command.ts';
import { audit } from './audit.ts';
import { backupCreate } from './backup-create.ts';
import { backupDelete } from './backup-delete.ts';
import { backupHold } from './backup-hold.ts';
import { backupList } from './backup-list.ts';
import { backupRelease } from './backup-release.ts';
import { backupShow } from './backup-show.ts';
import { backupVerify } from './backup-verify.ts';
import { configCheck } from './config-check.ts';
import { doctor } from './doctor.ts';
import { drill } from './drill.ts';
import { exportBackup } from './export.ts';
import { inspect } from './inspect.ts';
import { planList } from './plan-list.ts';
import { planRun } from './plan-run.ts';
import { prune } from './prune.ts';
import { repoCheck } from './repo-check.ts';
import { repoInit } from './repo-init.ts';
import { repoProbe } from './repo-probe.ts';
import { repoScan } from './repo-scan.ts';
import { restore } from './restore.ts';
import { runCancel } from './run-cancel.ts';
import { runList } from './run-list.ts';
import { runLogs } from './run-logs.ts';
import { runShow } from './run-show.ts';
import { tokenCreate } from './token-create.ts';
import { tokenList } from './token-list.ts';
import { tokenRevoke } from './token-revoke.ts';

const GROUPS = {
  backup: {
    about: 'Take, list, check, hold and delete backups',
    commands: [backupCreate, backupList, backupShow, backupVerify, backupHold, backupRelease, backupDelete],
  },
  plan: { about: 'What is backed up when', commands: [planList, planRun] },
  run: { about: 'What was done, and what is being done', commands: [runList, runShow, runCancel, runLogs] },
  repo: { about: 'Where backups are kept', commands: [repoInit, repoProbe, repoScan, repoCheck] },
  token: { about: 'Who may use the API', commands: [tokenCreate, tokenList, tokenRevoke] },
  config: { about: 'The configuration', commands: [configCheck] },
} as const;

/** Every command, in the order of the help page. To add one: its file, and its line here. */
export function commandTree(cli: Cli, print: Print): Command[] {
  const grouped = (name: keyof typeof GROUPS): Command => {
    const { about, commands } = GROUPS[name];
    return group(
      name,
      about,
      commands.map((make) => make(cli, print)),
    );
  };
  return [
    grouped('backup'),
    restore(cli, print),
    drill(cli, print),
    exportBackup(cli, print),
    inspect(cli, print),
    grouped('plan'),
    grouped('run'),
    grouped('repo'),
    prune(cli, print),
    grouped('token'),
    audit(cli, print),
    doctor(cli, print),
    grouped('config'),
  ];
}
