import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock3,
  LoaderCircle,
  type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Backup, Run } from '@milvault/shared';
import { useText } from '../text/language.ts';
import css from './ui.module.css';

export type Tone = 'good' | 'warning' | 'bad' | 'busy' | 'calm';

interface TagProps {
  readonly tone: Tone;
  /** A shape of its own for each meaning: nobody has to tell colours apart. */
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}

export const Tag = ({ tone, icon: Icon, children }: TagProps) => (
  <span className={css['tag']} data-tone={tone}>
    {Icon === undefined ? null : <Icon size={13} aria-hidden />}
    {children}
  </span>
);

const RUN_LOOKS: Readonly<Record<Run['state'], readonly [Tone, LucideIcon]>> = {
  queued: ['calm', Clock3],
  running: ['busy', LoaderCircle],
  succeeded: ['good', CircleCheck],
  failed: ['bad', CircleX],
  cancelled: ['calm', Ban],
  skipped: ['warning', CircleDashed],
};

export function RunTag({ state }: { readonly state: Run['state'] }) {
  const text = useText();
  const [tone, icon] = RUN_LOOKS[state];
  return (
    <Tag tone={tone} icon={icon}>
      {text.runs.states[state]}
    </Tag>
  );
}

/** The best that is known of a backup: damage wins, then the deepest check that found it well. */
export function ProofTag({ proofs }: Pick<Backup, 'proofs'>) {
  const text = useText();
  const damaged = proofs.find(({ result }) => result === 'damaged');
  if (damaged !== undefined) {
    return (
      <Tag tone="bad" icon={CircleX}>
        {text.proofs.damaged}
      </Tag>
    );
  }
  const best = proofs.filter(({ result }) => result === 'ok').at(-1);
  if (best === undefined) {
    return (
      <Tag tone="warning" icon={CircleAlert}>
        {text.proofs.none}
      </Tag>
    );
  }
  return (
    <Tag tone="good" icon={CircleCheck}>
      {text.proofs.levels[best.level] ?? String(best.level)}
    </Tag>
  );
}
