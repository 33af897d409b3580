import type { ReactNode } from 'react';
import { Loading } from './fetched.tsx';
import { Nothing, Card } from './page.tsx';
import { Problem, troubleOf } from './problem.tsx';
import type { PagedRows } from './use-pages.ts';

interface ListProps<Row> {
  readonly rows: PagedRows<Row>;
  /** Said where the list is empty. */
  readonly empty: string;
  readonly children: ReactNode;
}

/** A list that is read, that failed, that is empty, or that is there. */
export function ListState<Row>({ rows, empty, children }: ListProps<Row>) {
  if (rows.error !== null && rows.pending) return <Problem trouble={troubleOf(rows.error)} retry={rows.refetch} />;
  if (rows.pending) return <Loading lines={10} />;
  if (rows.total === 0) {
    return (
      <Card>
        <Nothing>{empty}</Nothing>
      </Card>
    );
  }
  return <>{children}</>;
}
