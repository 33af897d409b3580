import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { queries } from '../../api/queries.ts';
import { useText } from '../../text/language.ts';
import { Fetched } from '../../ui/fetched.tsx';
import { Nothing } from '../../ui/page.tsx';
import { RunTag } from '../../ui/tag.tsx';
import { Name, When } from '../../ui/words.tsx';
import css from './overview.module.css';

const SHOWN = 7;

export function RecentRuns() {
  const text = useText();
  const runs = useQuery(queries.runs({ limit: SHOWN }));
  return (
    <Fetched query={runs}>
      {({ rows }) =>
        rows.length === 0 ? (
          <Nothing>{text.runs.noneYet}</Nothing>
        ) : (
          <ul className={css['runs']}>
            {rows.map((run) => (
              <li key={run.id} className={css['run']}>
                <div>
                  <Anchor component={Link} inherit underline="always" href={`/runs/${encodeURIComponent(run.id)}`}>
                    {text.runs.kinds[run.kind]}
                  </Anchor>{' '}
                  <span className={css['small']}>
                    {run.plan === null ? text.common.byHand : <Name>{run.plan}</Name>} · <When at={run.queuedAt} />
                  </span>
                </div>
                <RunTag state={run.state} />
              </li>
            ))}
          </ul>
        )
      }
    </Fetched>
  );
}
