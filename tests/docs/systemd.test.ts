import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { program } from '../../scripts/parts/apt.ts';

const run = promisify(execFile);
const FOLDER = 'deploy/systemd';
const UNITS = ['milvault-api.service', 'milvault-worker@.service'];

/** The settings of a unit file; a key may stand more than once. */
async function settings(unit: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const line of (await readFile(join(FOLDER, unit), 'utf8')).split('\n')) {
    const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

const verify = async (file: string): Promise<{ stderr: string }> => {
  const judge = await program(['systemd-analyze'], 'systemd', console.error);
  return run(judge, ['verify', '--man=no', file]);
};

describe('the systemd units', () => {
  it.each(UNITS)(
    '%s runs as a user of its own, comes back after 10 s, logs to the journal, starts at boot',
    async (unit) => {
      const unitSettings = await settings(unit);
      expect(unitSettings.get('User')).toEqual(['milvault']);
      expect(unitSettings.get('Restart')).toEqual(['always']);
      expect(unitSettings.get('RestartSec')).toEqual(['10']);
      expect(unitSettings.get('StandardOutput')).toEqual(['journal']);
      expect(unitSettings.get('StandardError')).toEqual(['journal']);
      expect(unitSettings.get('WantedBy')).toEqual(['multi-user.target']);
    },
  );

  it('run the programs that the build makes', async () => {
    for (const [unit, app] of [
      ['milvault-api.service', 'api'],
      ['milvault-worker@.service', 'worker'],
    ] as const) {
      const [command] = (await settings(unit)).get('ExecStart') ?? [];
      expect(command).toContain(`/opt/milvault/apps/${app}/dist/main.js`);
    }
  });

  it('have a user that systemd-sysusers makes', async () => {
    expect(await readFile(join(FOLDER, 'milvault.sysusers.conf'), 'utf8')).toMatch(/^u milvault - /m);
  });

  describe('judged by systemd-analyze', () => {
    it.each(UNITS)('%s passes verify', async (unit) => {
      await expect(verify(join(FOLDER, unit))).resolves.toMatchObject({ stderr: '' });
    });

    it('a unit with a misspelt setting does not, so the judge is awake', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'milvault-units-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const text = await readFile(join(FOLDER, 'milvault-api.service'), 'utf8');
      const broken = join(folder, 'broken.service');
      await writeFile(
        broken,
        text.replace('RestartSec=10', 'RestartSecs=10').replace('/usr/bin/env', '/usr/bin/no-env'),
      );
      await expect(verify(broken)).rejects.toThrow();
    });
  });
});
