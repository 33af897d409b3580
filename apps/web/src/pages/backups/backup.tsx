import { Group, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import type { Backup as BackupData } from '@milvault/shared';
import { queries } from '../../api/queries.ts';
import { useFormat, useText } from '../../text/language.ts';
import { Fetched } from '../../ui/fetched.tsx';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { ProofTag, Tag } from '../../ui/tag.tsx';
import { Instant, Name, When } from '../../ui/words.tsx';
import { BackupActions } from './actions/actions.tsx';
import { useGoing } from './actions/going.ts';
import { Chain } from './chain.tsx';
import { Collections } from './collections.tsx';
import { figuresOf } from './figures.ts';
import { Proofs } from './proofs.tsx';
import { Warnings } from './warnings.tsx';

export default function Backup({ params: { backup = '' } }: { readonly params: { readonly backup?: string } }) {
  const found = useQuery({ ...queries.backup(backup), enabled: !useGoing(backup) });
  return <Fetched query={found}>{(data) => <Whole backup={data} />}</Fetched>;
}

function Whole({ backup }: { readonly backup: BackupData }) {
  const text = useText();
  return (
    <Page
      title={backup.name}
      about={
        <Group gap="xs" mt={4}>
          <Tag tone="calm">{backup.type === 'full' ? text.backups.full : text.backups.incremental}</Tag>
          <ProofTag proofs={backup.proofs} />
          <When at={backup.committedAt} />
          {backup.hold === undefined ? null : (
            <Tag tone="busy" icon={Lock}>
              {text.acts.onHold}
            </Tag>
          )}
        </Group>
      }
      actions={<BackupActions backup={backup} />}
    >
      <Stack gap="md">
        <Card>
          <BackupFacts backup={backup} />
        </Card>
        <Collections backup={backup} />
        <Chain backup={backup} />
        <Proofs backup={backup} />
        <Warnings warnings={backup.warnings} />
      </Stack>
    </Page>
  );
}

function BackupFacts({ backup }: { readonly backup: BackupData }) {
  const text = useText();
  const format = useFormat();
  const { rows, own, total } = figuresOf(backup);
  const { tool, source, plan, repository, consistency, engine, durationMs, committedAt, note, id } = backup;
  return (
    <Facts
      facts={[
        { label: text.backups.rows, value: format.count(rows) },
        { label: text.backups.own, value: format.bytes(own) },
        { label: text.backups.total, value: format.bytes(total) },
        { label: text.backups.took, value: format.duration(durationMs) },
        { label: text.backups.taken, value: <Instant at={committedAt} /> },
        { label: text.common.source, value: <Name>{source.address}</Name> },
        { label: text.backups.server, value: <Name>{source.serverVersion}</Name> },
        { label: text.common.repository, value: <Name>{repository}</Name> },
        { label: text.common.plan, value: plan === null ? text.common.byHand : <Name>{plan}</Name> },
        { label: text.backups.consistency, value: text.backups.consistencies[consistency] },
        { label: text.backups.engine, value: engine },
        tool === undefined ? null : { label: text.backups.keptBy, value: <Name>{`${tool.name} · ${tool.api}`}</Name> },
        tool?.adopted === true ? { label: text.backups.adopted, value: text.backups.adoptedAbout } : null,
        { label: text.backups.id, value: id },
        note === null ? null : { label: text.backups.note, value: <Name>{note}</Name> },
      ]}
    />
  );
}
