import { CircleAlert, CircleX } from 'lucide-react';
import type { Concern, RunKind } from '@milvault/shared';
import type { Text } from '../../text/en.ts';
import { useText } from '../../text/language.ts';
import { Card } from '../../ui/page.tsx';
import { Name, When } from '../../ui/words.tsx';
import css from './overview.module.css';

export function Concerns({ concerns }: { readonly concerns: readonly Concern[] }) {
  const text = useText();
  return (
    <Card title={text.overview.concerns}>
      <ul className={css['concerns']}>
        {concerns.map((concern) => (
          <Line key={`${concern.kind} ${concern.subject}`} concern={concern} />
        ))}
      </ul>
    </Card>
  );
}

function Line({ concern }: { readonly concern: Concern }) {
  const text = useText();
  const { level, detail, since, kind } = concern;
  const Icon = level === 'bad' ? CircleX : CircleAlert;
  return (
    <li className={css['concern']} data-level={level}>
      <Icon size={18} aria-hidden />
      <div>
        <Name>{sentenceOf(concern, text)}</Name>
        <div className={css['small']}>
          {detail === '' || kind === 'plan-late' ? null : <Name>{detail}</Name>}
          {since === null ? null : (
            <>
              {detail === '' || kind === 'plan-late' ? '' : ' · '}
              <When at={since} />
            </>
          )}
        </div>
      </div>
    </li>
  );
}

function sentenceOf({ kind, subject, detail }: Concern, text: Text): string {
  switch (kind) {
    case 'plan-late':
      return text.overview.planLate(subject);
    case 'plan-empty':
      return text.overview.planEmpty(subject);
    case 'repository':
      return text.overview.repository(subject);
    case 'disk-full':
      return text.overview.diskFull(subject);
    case 'no-worker':
      return text.overview.noWorker;
    case 'incident':
      return incidentSentence(subject, text) ?? detail;
  }
}

/** The name of an incident says what it is about (packages/alerts/src/events.ts); null where it is another one. */
export function incidentSentence(incident: string, text: Text): string | null {
  const [what = '', first = '', second = ''] = incident.split('/');
  const kind = (name: string): string => text.runs.kinds[name as RunKind] ?? name;
  if (what === 'plan-failing') return text.overview.planFailing(first, kind(second));
  if (what === 'job-failing') return text.overview.jobFailing(kind(first));
  if (what !== 'health') return null;
  const sentences: Readonly<Record<string, (subject: string) => string>> = {
    'backup-age': text.overview.planLate,
    'free-space': text.overview.diskFull,
    repository: text.overview.repository,
    source: text.overview.sourceAway,
    workers: () => text.overview.noWorker,
    damage: () => text.overview.damage,
  };
  return sentences[first]?.(second) ?? null;
}
