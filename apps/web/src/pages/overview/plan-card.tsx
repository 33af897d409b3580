import { Anchor, Group } from '@mantine/core';
import { LoaderCircle } from 'lucide-react';
import { Link } from 'wouter';
import type { PlanHealth } from '@milvault/shared';
import { useNow } from '../../clock.ts';
import { useText } from '../../text/language.ts';
import { Card, Facts } from '../../ui/page.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Name, When } from '../../ui/words.tsx';
import { DayStrip } from './day-strip.tsx';
import css from './overview.module.css';

const HOUR = 3_600_000;

export function PlanCard({ plan }: { readonly plan: PlanHealth }) {
  const text = useText();
  const { lastGood, lastProved } = plan;
  return (
    <Card>
      <Group justify="space-between" mb="sm" wrap="nowrap">
        <h2 style={{ margin: 0, fontSize: 16, minWidth: 0 }}>
          <Name cut>{plan.plan}</Name>
        </h2>
        <PlanState plan={plan} />
      </Group>
      <Facts
        facts={[
          {
            label: text.overview.lastGood,
            value:
              lastGood === null ? (
                text.overview.never
              ) : (
                <Anchor component={Link} href={`/backups/${lastGood.id}`} inherit>
                  <When at={lastGood.committedAt} />
                </Anchor>
              ),
          },
          {
            label: text.overview.lastProved,
            value: lastProved === null ? text.overview.never : <When at={lastProved.at} />,
          },
          { label: text.overview.next, value: <Next plan={plan} /> },
        ]}
      />
      <DayStrip plan={plan} />
    </Card>
  );
}

function PlanState({ plan: { running, enabled, lastGood, maxAgeHours } }: { readonly plan: PlanHealth }) {
  const text = useText();
  const now = useNow();
  if (running !== null) {
    return (
      <Link href={`/runs/${running}`}>
        <Tag tone="busy" icon={LoaderCircle}>
          {text.overview.runsNow}
        </Tag>
      </Link>
    );
  }
  if (!enabled) return <Tag tone="calm">{text.overview.off}</Tag>;
  if (lastGood !== null && now - lastGood.committedAt > maxAgeHours * HOUR) {
    return <Tag tone="bad">{text.overview.overdue}</Tag>;
  }
  return null;
}

function Next({ plan: { next, enabled } }: { readonly plan: PlanHealth }) {
  const text = useText();
  const now = useNow();
  if (!enabled) return text.overview.off;
  if (next === null) return text.overview.onlyByHand;
  const type = next.type === 'full' ? text.backups.full : text.backups.incremental;
  return (
    <>
      <When at={next.at} /> <span className={css['small']}>{next.at < now ? text.overview.overdue : type}</span>
    </>
  );
}
