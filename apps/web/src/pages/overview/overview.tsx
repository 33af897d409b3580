import { Anchor, Group, SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Overview as OverviewData } from '@milvault/shared';
import { queries } from '../../api/queries.ts';
import { useText } from '../../text/language.ts';
import { Fetched } from '../../ui/fetched.tsx';
import { Card, Nothing, Page } from '../../ui/page.tsx';
import { Banner } from './banner.tsx';
import { Concerns } from './concerns.tsx';
import { PlanCard } from './plan-card.tsx';
import { RecentRuns } from './recent-runs.tsx';
import { Storage } from './storage.tsx';

export default function Overview() {
  const text = useText();
  const overview = useQuery(queries.overview());
  return (
    <Page title={text.overview.title}>
      <Fetched query={overview} lines={10}>
        {(data) => <Whole overview={data} />}
      </Fetched>
    </Page>
  );
}

function Whole({ overview }: { readonly overview: OverviewData }) {
  const text = useText();
  return (
    <Stack gap="md">
      <Banner overview={overview} />
      {overview.concerns.length === 0 ? null : <Concerns concerns={overview.concerns} />}
      <Plans overview={overview} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Card title={text.overview.storage}>
          <Storage storage={overview.storage} />
        </Card>
        <Card title={text.overview.recent}>
          <RecentRuns />
          <Group justify="flex-end" mt="xs">
            <Anchor component={Link} href="/runs" size="sm">
              {text.overview.allRuns}
            </Anchor>
          </Group>
        </Card>
      </SimpleGrid>
    </Stack>
  );
}

function Plans({ overview: { plans } }: { readonly overview: OverviewData }) {
  const text = useText();
  if (plans.length === 0) {
    return (
      <Card title={text.overview.plansTitle}>
        <Nothing>{text.overview.noPlans}</Nothing>
      </Card>
    );
  }
  return (
    <SimpleGrid cols={{ base: 1, lg: plans.length === 1 ? 1 : 2 }} spacing="md">
      {plans.map((plan) => (
        <PlanCard key={plan.plan} plan={plan} />
      ))}
    </SimpleGrid>
  );
}
