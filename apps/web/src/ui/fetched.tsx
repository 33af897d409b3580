import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useText } from '../text/language.ts';
import { Problem, troubleOf } from './problem.tsx';

interface FetchedProps<Data> {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
  /** How much to keep free while it is read. */
  readonly lines?: number;
}

/** What was read; until then its place is kept free, so that nothing is shown that may not be so. */
export function Fetched<Data>({ query, children, lines = 4 }: FetchedProps<Data>) {
  const { data, error, refetch } = query;
  if (data !== undefined) return <>{children(data)}</>;
  if (error !== null) return <Problem trouble={troubleOf(error)} retry={() => void refetch()} />;
  return <Loading lines={lines} />;
}

export function Loading({ lines = 4 }: { readonly lines?: number }) {
  const text = useText();
  return (
    <Stack gap="sm" role="status">
      <VisuallyHidden>{text.common.loading}</VisuallyHidden>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={20} radius="sm" />
      ))}
    </Stack>
  );
}
