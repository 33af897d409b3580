import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { Run } from '@milvault/shared';
import type { Text } from '../../text/en.ts';
import type { Format } from '../../text/format.ts';
import { RunTag } from '../../ui/tag.tsx';
import type { Column } from '../../ui/virtual-table.tsx';
import { Name, When } from '../../ui/words.tsx';
import { ProgressLine } from './progress.tsx';
import { triggerName } from './trigger.ts';

export const runColumns = (text: Text, format: Format): readonly Column<Run>[] => [
  {
    key: 'kind',
    header: text.runs.run,
    width: 'minmax(120px, 0.8fr)',
    cell: ({ id, kind }) => (
      <Anchor component={Link} inherit href={`/runs/${encodeURIComponent(id)}`}>
        {text.runs.kinds[kind]}
      </Anchor>
    ),
  },
  { key: 'state', header: text.common.state, width: '130px', cell: ({ state }) => <RunTag state={state} /> },
  {
    key: 'plan',
    header: text.common.plan,
    width: 'minmax(90px, 0.8fr)',
    cell: ({ plan }) => (plan === null ? '' : <Name cut>{plan}</Name>),
  },
  {
    key: 'trigger',
    header: text.runs.trigger,
    width: '140px',
    cell: ({ trigger }) => triggerName(trigger, text),
  },
  {
    key: 'queued',
    header: text.runs.queued,
    width: 'minmax(120px, 0.7fr)',
    cell: ({ queuedAt }) => <When at={queuedAt} />,
  },
  {
    key: 'took',
    header: text.runs.took,
    width: '110px',
    end: true,
    cell: ({ startedAt, endedAt }) =>
      startedAt === null || endedAt === null ? '' : format.duration(endedAt - startedAt),
  },
  {
    key: 'progress',
    header: text.runs.progress,
    width: 'minmax(180px, 1.3fr)',
    cell: (run) => <ProgressLine run={run} />,
  },
];
