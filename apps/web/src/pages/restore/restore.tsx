import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Backup, SourceView } from '@milvault/shared';
import { useMay } from '../../api/may.ts';
import { queries } from '../../api/queries.ts';
import { useText } from '../../text/language.ts';
import { Fetched } from '../../ui/fetched.tsx';
import { Card, Nothing, Page } from '../../ui/page.tsx';
import { Check } from './check.tsx';
import { firstChoice } from './choice.ts';
import { Names } from './names.tsx';
import { Steps } from './steps.tsx';
import { What } from './what.tsx';

export default function Restore({ params: { backup = '' } }: { readonly params: { readonly backup?: string } }) {
  const found = useQuery(queries.backup(backup));
  const sources = useQuery(queries.sources());
  return (
    <Fetched query={found}>
      {(data) => <Fetched query={sources}>{(list) => <Wizard backup={data} sources={list.sources} />}</Fetched>}
    </Fetched>
  );
}

interface WizardProps {
  readonly backup: Backup;
  readonly sources: readonly SourceView[];
}

/** From a backup to collections that are there again, one question after the other; nothing happens before the last. */
function Wizard({ backup, sources }: WizardProps) {
  const text = useText();
  const allowed = useMay('operate');
  const origin = sources.find(({ id }) => id === backup.source.id) ?? sources[0];
  const [choice, setChoice] = useState(() => firstChoice(backup, origin?.name ?? null));
  const [step, setStep] = useState(0);
  const both = {
    backup,
    choice,
    onChange: setChoice,
    onBack: () => setStep(step - 1),
    onNext: () => setStep(step + 1),
  };
  return (
    <Page
      title={text.restore.title(backup.name)}
      about={
        <Anchor component={Link} href={`/backups/${backup.id}`} inherit>
          {text.restore.toBackup}
        </Anchor>
      }
    >
      {allowed ? (
        <>
          <Steps names={text.restore.steps} current={step} />
          {step === 0 ? <What {...both} /> : null}
          {step === 1 ? <Names {...both} sources={sources} /> : null}
          {step === 2 && choice.target !== null ? <Check {...both} target={choice.target} /> : null}
        </>
      ) : (
        <Card>
          <Nothing>{text.restore.notAllowed}</Nothing>
        </Card>
      )}
    </Page>
  );
}
