import { Anchor, Group } from '@mantine/core';
import { Link } from 'wouter';
import type { Run } from '@milvault/shared';
import { useText } from '../../text/language.ts';
import { RunTag } from '../../ui/tag.tsx';
import { Name, When } from '../../ui/words.tsx';
import css from '../../ui/ui.module.css';
import { ProgressLine } from './progress.tsx';

/** A run in the list of a narrow screen. */
export function RunCard({ run }: { readonly run: Run }) {
  const text = useText();
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Anchor component={Link} href={`/runs/${encodeURIComponent(run.id)}`} size="sm" fw={550}>
          {text.runs.kinds[run.kind]}
        </Anchor>
        <RunTag state={run.state} />
      </Group>
      <div style={{ fontSize: 13, color: 'var(--mantine-color-dimmed)', marginTop: 6 }}>
        {run.plan === null ? text.common.byHand : <Name>{run.plan}</Name>} · <When at={run.queuedAt} />
        <div className={css['cut']}>
          <ProgressLine run={run} />
        </div>
      </div>
    </>
  );
}
