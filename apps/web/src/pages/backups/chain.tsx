import { Anchor, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Backup } from '@milvault/shared';
import { queries } from '../../api/queries.ts';
import { useFormat, useText } from '../../text/language.ts';
import { Fetched } from '../../ui/fetched.tsx';
import { Card } from '../../ui/page.tsx';
import { ProofTag, Tag } from '../../ui/tag.tsx';
import { When } from '../../ui/words.tsx';
import { useGoing } from './actions/going.ts';
import { figuresOf } from './figures.ts';
import css from './backups.module.css';

/** The tree of a full and of all that borrow from it. One that stands alone has none. */
export function Chain({ backup }: { readonly backup: Backup }) {
  const text = useText();
  const chain = useQuery({ ...queries.chain(backup.id), enabled: !useGoing(backup.id) });
  if (chain.data !== undefined && chain.data.backups.length < 2) return null;
  return (
    <Card title={text.backups.chain}>
      <Text size="sm" c="dimmed" mb="sm">
        {text.backups.chainAbout}
      </Text>
      <Fetched query={chain} lines={2}>
        {({ backups: [root, ...others] }) =>
          root === undefined ? null : (
            <ul className={css['tree']}>
              <Branch one={root} all={others} current={backup.id} />
            </ul>
          )
        }
      </Fetched>
    </Card>
  );
}

interface BranchProps {
  readonly one: Backup;
  readonly all: readonly Backup[];
  readonly current: string;
}

function Branch({ one, all, current }: BranchProps) {
  const text = useText();
  const format = useFormat();
  const children = all.filter(({ base }) => base === one.id);
  return (
    <li>
      <Group gap="xs" className={css['branch'] ?? ''}>
        {one.id === current ? (
          <strong aria-current="true">{one.name}</strong>
        ) : (
          <Anchor component={Link} href={`/backups/${one.id}`}>
            {one.name}
          </Anchor>
        )}
        {one.id === current ? <Tag tone="busy">{text.backups.thisOne}</Tag> : null}
        <ProofTag proofs={one.proofs} />
        <Text size="sm" c="dimmed">
          {format.bytes(figuresOf(one).own)} · <When at={one.committedAt} />
        </Text>
      </Group>
      {children.length === 0 ? null : (
        <ul className={css['tree']}>
          {children.map((child) => (
            <Branch key={child.id} one={child} all={all} current={current} />
          ))}
        </ul>
      )}
    </li>
  );
}
