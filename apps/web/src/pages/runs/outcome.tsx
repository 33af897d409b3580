import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { Backup, DrillReport, RestoreReport, Run, VerifyReport } from '@milvault/shared';
import { useFormat, useText } from '../../text/language.ts';
import { Card, Facts } from '../../ui/page.tsx';
import { Restored } from './restored.tsx';

/** What came of a run, by its kind. What a kind gives is said by the schemas of packages/shared/src/resources. */
export function Outcome({ run }: { readonly run: Run }) {
  if (run.result === null) return null;
  const result: unknown = run.result;
  switch (run.kind) {
    case 'backup':
      return <TakenBackup backup={result as Backup} />;
    case 'verify':
      return <Verified report={result as VerifyReport} />;
    case 'drill':
      return <Restored report={result as DrillReport} backup={(result as DrillReport).backup} />;
    case 'restore':
      return <Restored report={result as RestoreReport} backup={(result as RestoreReport).backup} />;
    case 'cleanup':
    case 'health':
      return null;
  }
}

function TakenBackup({ backup: { id, name, rows, bytes } }: { readonly backup: Backup }) {
  const text = useText();
  const format = useFormat();
  return (
    <Card title={text.runs.result}>
      <Facts
        facts={[
          {
            label: text.runs.kinds.backup,
            value: (
              <Anchor component={Link} href={`/backups/${id}`} inherit>
                {name}
              </Anchor>
            ),
          },
          { label: text.backups.rows, value: format.count(rows) },
          { label: text.backups.own, value: format.bytes(bytes.own) },
          { label: text.backups.total, value: format.bytes(bytes.total) },
        ]}
      />
    </Card>
  );
}

function Verified({ report }: { readonly report: VerifyReport }) {
  const text = useText();
  const format = useFormat();
  const { backup, level, result, rows, bytes, damages } = report;
  return (
    <Card title={text.runs.result}>
      <Facts
        facts={[
          { label: text.proofs.long[level] ?? String(level), value: text.proofs.results[result] },
          { label: text.backups.rows, value: format.count(rows) },
          { label: text.backups.size, value: format.bytes(bytes) },
          {
            label: text.runs.kinds.backup,
            value: (
              <Anchor component={Link} href={`/backups/${backup}`} inherit>
                {backup}
              </Anchor>
            ),
          },
        ]}
      />
      {damages.map(({ object, message }) => (
        <p key={object}>{message}</p>
      ))}
    </Card>
  );
}
