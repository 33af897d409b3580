import { Anchor } from '@mantine/core';
import { CornerDownRight } from 'lucide-react';
import { Link } from 'wouter';
import type { Backup } from '@milvault/shared';
import type { Text } from '../../text/en.ts';
import type { Format } from '../../text/format.ts';
import { ProofTag } from '../../ui/tag.tsx';
import type { Column } from '../../ui/virtual-table.tsx';
import { Name, When } from '../../ui/words.tsx';
import { figuresOf } from './figures.ts';

export const backupColumns = (text: Text, format: Format): readonly Column<Backup>[] => [
  {
    key: 'name',
    header: text.common.name,
    width: 'minmax(210px, 1.4fr)',
    sort: 'name',
    cell: (backup) => (
      <>
        {/* An incremental hangs below the backup that it borrows from. */}
        {backup.base === null ? null : (
          <CornerDownRight size={14} aria-hidden style={{ marginInlineEnd: 5, verticalAlign: -2, opacity: 0.6 }} />
        )}
        <Anchor component={Link} inherit href={`/backups/${backup.id}`}>
          {backup.name}
        </Anchor>
      </>
    ),
  },
  {
    key: 'type',
    header: text.backups.type,
    width: '110px',
    cell: ({ type }) => (type === 'full' ? text.backups.full : text.backups.incremental),
  },
  {
    key: 'plan',
    header: text.common.plan,
    width: 'minmax(90px, 0.8fr)',
    cell: ({ plan }) => (plan === null ? text.common.byHand : <Name cut>{plan}</Name>),
  },
  {
    key: 'taken',
    header: text.backups.taken,
    width: 'minmax(120px, 0.8fr)',
    sort: 'committedAt',
    cell: ({ committedAt }) => <When at={committedAt} />,
  },
  {
    key: 'rows',
    header: text.backups.rows,
    width: '110px',
    end: true,
    sort: 'rows',
    cell: (backup) => format.count(figuresOf(backup).rows),
  },
  {
    key: 'own',
    header: text.backups.own,
    width: '90px',
    end: true,
    cell: (backup) => format.bytes(figuresOf(backup).own),
  },
  {
    key: 'total',
    header: text.backups.total,
    width: '100px',
    end: true,
    sort: 'bytes',
    cell: (backup) => format.bytes(figuresOf(backup).total),
  },
  {
    key: 'took',
    header: text.backups.took,
    width: '110px',
    end: true,
    sort: 'durationMs',
    cell: ({ durationMs }) => format.duration(durationMs),
  },
  { key: 'proof', header: text.backups.proof, width: '140px', cell: (backup) => <ProofTag proofs={backup.proofs} /> },
];
