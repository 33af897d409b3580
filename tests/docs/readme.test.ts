import { parseConfig } from '@milvault/shared';
import { describe, expect, it } from 'vitest';
import { README_COMMANDS } from '../support/readme-commands.ts';
import { fencedBlocks, shellCommands } from '../support/markdown.ts';

const READMES = ['README.md', 'README.zh-CN.md'];

describe.each(READMES)('%s', (file) => {
  it('names only commands that a test runs, and all of them', async () => {
    const known = Object.values(README_COMMANDS).flat();
    expect((await shellCommands(file)).sort()).toEqual([...known].sort());
  });

  it('shows a configuration that is accepted without a notice', async () => {
    const blocks = await fencedBlocks(file, 'json');
    expect(blocks).toHaveLength(1);
    const env = { MILVUS_TOKEN: 'root:Milvus', SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/x' };
    const config = parseConfig(blocks[0] ?? '', { file: '/etc/milvault/milvault.json', env });
    expect(config.notices).toEqual([]);
    expect(config.plans.map((plan) => plan.name)).toEqual(['nightly']);
  });
});

describe('the two READMEs', () => {
  it('show the same configuration', async () => {
    const [english, chinese] = await Promise.all(READMES.map((file) => fencedBlocks(file, 'json')));
    expect(chinese).toEqual(english);
  });
});
