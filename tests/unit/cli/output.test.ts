import { defaultConfig, fail, toErrorRecord } from '@milvault/shared';
import { describe, expect, test } from 'vitest';
import { auditTable, tokenTable } from '../../../apps/cli/src/output/access.ts';
import { backupTable, backupText, createdText, unreadText } from '../../../apps/cli/src/output/backups.ts';
import { cleanupText } from '../../../apps/cli/src/output/cleanup.ts';
import { configText } from '../../../apps/cli/src/output/config.ts';
import { faultText } from '../../../apps/cli/src/output/error.ts';
import { exportText } from '../../../apps/cli/src/output/exports.ts';
import { inspectionText } from '../../../apps/cli/src/output/inspection.ts';
import { planTable } from '../../../apps/cli/src/output/plans.ts';
import { probeText } from '../../../apps/cli/src/output/probe.ts';
import { drillText, restoredWhole, restoreText, verifyText } from '../../../apps/cli/src/output/reports.ts';
import { checkText, repositoryText } from '../../../apps/cli/src/output/repository.ts';
import { runTable, runText } from '../../../apps/cli/src/output/runs.ts';
import { table } from '../../../apps/cli/src/output/table.ts';
import { colourStyle, plainStyle as plain } from '../../../apps/cli/src/terminal.ts';
import { audited, token } from './access-samples.ts';
import { atTool } from './tool-samples.ts';
import * as sample from './samples.ts';

const unequal = {
  ...sample.drilled,
  collections: sample.drilled.collections.map((one) => ({ ...one, rowsRestored: 3200, contentEqual: false })),
};
const cleanup = {
  removed: [{ id: sample.ID, reason: 'older than 7 days' }],
  kept: [{ id: sample.damagedBackup.id, reason: 'younger than 7 days' }],
  failed: [{ id: '01kapjm4sv3m9w0c6q4y7x2z1g', message: 'The disk says no' }],
  abandoned: ['01kapjm4sv3m9w0c6q4y7x2z1h'],
  guarded: [],
  orphans: 3,
};
const notFound = fail('COLLECTION_NOT_FOUND', {
  what: 'There is no collection "flims"',
  expected: 'films or people',
  got: '"flims"',
  cause: new Error('outer', { cause: new Error('can not find collection') }),
});
const manyFaults = fail('CONFIG_INVALID', {
  what: 'The configuration (a.json) has 2 faults\n  plans[0].full: expected HH:MM, got "25:00"\n  sources: …',
  details: {
    faults: [
      { path: 'plans[0].full', expected: 'HH:MM', got: '"25:00"' },
      { path: 'sources', expected: 'a list', got: '7' },
    ],
  },
});

const GOLDEN: Record<string, string> = {
  'backup-list': backupTable([sample.backup, sample.damagedBackup], plain),
  'backup-list-unread': `${backupTable([sample.backup], plain)}${unreadText(sample.unread, plain)}`,
  'backup-list-tool': backupTable([atTool, sample.backup], plain),
  'backup-list-empty': backupTable([], plain),
  'backup-show': backupText(sample.backup, [sample.backup], plain),
  'backup-show-chain': backupText(sample.incremental, sample.chain, plain),
  'backup-show-gone': backupText(sample.incremental, sample.chain.slice(1), plain),
  'backup-show-tool': backupText(atTool, [atTool], plain),
  'backup-created-tool': createdText(atTool, plain),
  'backup-created': createdText(sample.backup, plain),
  'verify-ok': verifyText(sample.verified, plain),
  'verify-damaged': verifyText(sample.damaged, plain),
  'verify-unknown': verifyText({ ...sample.verified, level: 2, result: 'unknown' }, plain),
  restore: restoreText(sample.drilled, plain),
  'restore-unequal': restoreText(unequal, plain),
  drill: drillText(sample.drilled, plain),
  'drill-failed': drillText({ ...unequal, result: 'failed' }, plain),
  export: exportText(sample.exported, plain),
  'run-list': runTable([sample.run, sample.failedRun], 12, plain),
  'run-show': runText(sample.run, plain),
  'run-show-failed': runText(sample.failedRun, plain),
  'plan-list': planTable([sample.plan, { ...sample.plan, name: 'paused', enabled: false, lastGood: null }], plain),
  inspect: inspectionText(sample.inspection, plain),
  'repo-probe': probeText(sample.probed, plain),
  'repo-probe-unsafe': probeText(sample.unsafe, plain),
  'repo-scan': repositoryText(sample.repository, plain),
  'repo-check': checkText(
    [
      { backup: sample.ID, name: 'full_a', result: 'ok', report: sample.verified, error: null },
      { backup: sample.damagedBackup.id, name: 'full_b', result: 'damaged', report: sample.damaged, error: null },
      {
        backup: sample.ID,
        name: 'full_c',
        result: 'unknown',
        report: null,
        error: toErrorRecord(fail('REPO_READ_FAILED')),
      },
    ],
    [],
    plain,
  ),
  'repo-check-hidden': checkText([], sample.damaged.damages.slice(1), plain),
  prune: cleanupText({ ...cleanup, dryRun: false }, plain),
  'prune-dry-run': cleanupText({ ...cleanup, failed: [], dryRun: true }, plain),
  'config-check': configText(defaultConfig({ MILVUS_ADDRESS: '127.0.0.1:19530', MILVAULT_TIME_ZONE: 'UTC' }), plain),
  'token-list': tokenTable(
    [token, { ...token, name: 'old', expiresAt: 2, usedAt: 1 }, { ...token, expiresAt: null }],
    token.createdAt,
    plain,
  ),
  audit: auditTable(audited, plain),
  error: faultText(toErrorRecord(notFound), plain),
  'error-faults': faultText(toErrorRecord(manyFaults), plain),
};

describe('what people read', () => {
  test.each(Object.entries(GOLDEN))('%s is as it was agreed', async (name, text) => {
    await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test.each(Object.entries(GOLDEN))(
    '%s has no blanks at the end of a line and ends with one line break',
    (_name, text) => {
      expect(text).not.toMatch(/[ \t]+\n/);
      expect(text).toMatch(/[^\n]\n$/);
    },
  );

  test('says the same with colours', () => {
    const stripped = backupTable([sample.backup, sample.damagedBackup], colourStyle).replace(/\u001b\[\d+m/g, '');
    expect(stripped).toBe(GOLDEN['backup-list']);
  });

  test('shows control characters of foreign names instead of obeying them', () => {
    const shown = table([{ title: 'NAME', cell: (name: string) => name }], ['a\u001b[2Jb\nc'], plain);
    expect(shown).toBe('NAME\na\\x1b[2Jb\\x0ac\n');
  });

  test('a restore is whole only when each collection has equal rows and equal content', () => {
    expect(restoredWhole(sample.drilled)).toBe(true);
    expect(restoredWhole(unequal)).toBe(false);
    const same = { ...unequal, collections: unequal.collections.map((one) => ({ ...one, rowsRestored: 3201 })) };
    expect(restoredWhole(same)).toBe(false);
  });
});
