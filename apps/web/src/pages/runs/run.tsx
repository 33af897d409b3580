import { Anchor, Group, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Run as RunData } from '@milvault/shared';
import { queries } from '../../api/queries.ts';
import { useFormat, useText } from '../../text/language.ts';
import { Fetched } from '../../ui/fetched.tsx';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { RunTag } from '../../ui/tag.tsx';
import { Instant, Name } from '../../ui/words.tsx';
import { RunActions } from './actions.tsx';
import { Failure } from './failure.tsx';
import { Log } from './log.tsx';
import { LiveProgress } from './live-progress.tsx';
import { Outcome } from './outcome.tsx';
import { triggerName } from './trigger.ts';

export default function Run({ params: { run = '' } }: { readonly params: { readonly run?: string } }) {
  const found = useQuery(queries.run(run));
  return <Fetched query={found}>{(data) => <Whole run={data} />}</Fetched>;
}

function Whole({ run }: { readonly run: RunData }) {
  const text = useText();
  return (
    <Page
      title={run.plan === null ? text.runs.kinds[run.kind] : `${text.runs.kinds[run.kind]} · ${run.plan}`}
      about={
        <Group gap="xs" mt={4}>
          <RunTag state={run.state} />
        </Group>
      }
      actions={<RunActions run={run} />}
    >
      <Stack gap="md">
        {run.state === 'running' ? <LiveProgress run={run} /> : null}
        {run.error === null ? null : <Failure error={run.error} />}
        <Outcome run={run} />
        <Card>
          <RunFacts run={run} />
        </Card>
        <Log run={run} />
      </Stack>
    </Page>
  );
}

function RunFacts({ run }: { readonly run: RunData }) {
  const text = useText();
  const format = useFormat();
  const { queuedAt, startedAt, endedAt, trigger, attempts, progress, plan, id } = run;
  const by = trigger.startsWith('run:') ? trigger.slice('run:'.length) : null;
  return (
    <Facts
      facts={[
        { label: text.runs.queued, value: <Instant at={queuedAt} /> },
        startedAt === null ? null : { label: text.runs.started, value: <Instant at={startedAt} /> },
        endedAt === null ? null : { label: text.runs.ended, value: <Instant at={endedAt} /> },
        startedAt === null || endedAt === null
          ? null
          : { label: text.runs.took, value: format.duration(endedAt - startedAt) },
        {
          label: text.runs.trigger,
          value:
            by === null ? (
              triggerName(trigger, text)
            ) : (
              <Anchor component={Link} href={`/runs/${encodeURIComponent(by)}`} inherit>
                {triggerName(trigger, text)}
              </Anchor>
            ),
        },
        plan === null ? null : { label: text.common.plan, value: <Name>{plan}</Name> },
        { label: text.runs.attempts, value: format.count(attempts) },
        progress.rows === 0 ? null : { label: text.backups.rows, value: format.count(progress.rows) },
        progress.bytes === 0 ? null : { label: text.backups.size, value: format.bytes(progress.bytes) },
        { label: text.backups.id, value: <Name>{id}</Name> },
      ]}
    />
  );
}
