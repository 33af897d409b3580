import { Anchor, Group } from '@mantine/core';
import { Link } from 'wouter';
import type { Backup } from '@milvault/shared';
import { useFormat, useText } from '../../text/language.ts';
import { ProofTag } from '../../ui/tag.tsx';
import { When } from '../../ui/words.tsx';
import { figuresOf } from './figures.ts';

/** A backup in the list of a narrow screen. */
export function BackupCard({ backup }: { readonly backup: Backup }) {
  const text = useText();
  const format = useFormat();
  const { id, name, type, committedAt, proofs } = backup;
  const { rows, total } = figuresOf(backup);
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Anchor component={Link} href={`/backups/${id}`} size="sm" fw={550}>
          {name}
        </Anchor>
        <ProofTag proofs={proofs} />
      </Group>
      <div style={{ fontSize: 13, color: 'var(--mantine-color-dimmed)', marginTop: 6 }}>
        {type === 'full' ? text.backups.full : text.backups.incremental} · <When at={committedAt} />
        <br />
        {text.runs.rowsOnly(format.count(rows))} · {format.bytes(total)}
      </div>
    </>
  );
}
