import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Run } from '@milvault/shared';
import { queries } from '../../api/queries.ts';
import { useText } from '../../text/language.ts';
import { Fetched } from '../../ui/fetched.tsx';
import { Card, Nothing } from '../../ui/page.tsx';
import css from '../../ui/ui.module.css';

const EVERY_MS = 2_000;

/** The lines of a run. They come without an event of their own, so they are asked for while the run goes on. */
export function Log({ run }: { readonly run: Run }) {
  const text = useText();
  const logs = useQuery({ ...queries.logs(run.id), refetchInterval: run.endedAt === null ? EVERY_MS : false });
  return (
    <Card title={text.runs.log}>
      <Fetched query={logs}>
        {({ lines }) => (lines.length === 0 ? <Nothing>{text.runs.noLog}</Nothing> : <Lines lines={lines} />)}
      </Fetched>
    </Card>
  );
}

/** Stays at the newest line as long as the reader has not gone back. */
function Lines({ lines }: { readonly lines: readonly string[] }) {
  const text = useText();
  const box = useRef<HTMLPreElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [lines]);
  return (
    <pre
      ref={box}
      className={css['log']}
      tabIndex={0}
      aria-label={text.runs.log}
      role="log"
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        atEnd.current = scrollTop + clientHeight >= scrollHeight - 20;
      }}
    >
      {lines.join('\n')}
    </pre>
  );
}
