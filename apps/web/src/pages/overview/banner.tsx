import { CircleAlert, CircleCheck, CircleX, Shield, type LucideIcon } from 'lucide-react';
import type { Overview } from '@milvault/shared';
import { useFormat, useText } from '../../text/language.ts';
import css from './overview.module.css';

const SIGNS: Readonly<Record<Overview['level'], LucideIcon>> = {
  good: CircleCheck,
  warning: CircleAlert,
  bad: CircleX,
  empty: Shield,
};

/**
 * One state for everything. A run that goes on takes over the headline of a good state, and never that of a bad one:
 * it is told below then.
 */
export function Banner({ overview }: { readonly overview: Overview }) {
  const text = useText();
  const { level, running, concerns } = overview;
  const Sign = SIGNS[level];
  const state = {
    good: text.overview.good,
    warning: text.overview.warning,
    bad: text.overview.bad(concerns.filter((concern) => concern.level === 'bad').length),
    empty: text.overview.empty,
  }[level];
  const busy = running > 0 ? text.overview.running(running) : null;
  const takesOver = busy !== null && level !== 'bad';
  return (
    <section className={css['banner']} data-level={level} aria-live="polite">
      <Sign className={css['sign']} size={42} strokeWidth={1.8} aria-hidden />
      <div>
        <p className={css['headline']}>{takesOver ? busy : state}</p>
        <p className={css['below']}>
          {takesOver ? `${state} · ` : busy === null ? '' : `${busy} · `}
          <Below overview={overview} />
        </p>
      </div>
    </section>
  );
}

function Below({ overview: { level, backups, plans } }: { readonly overview: Overview }) {
  const text = useText();
  const format = useFormat();
  if (level === 'empty') return text.overview.emptyNext;
  return text.overview.calmly(
    text.overview.backups(format.count(backups)),
    text.overview.plans(format.count(plans.length)),
  );
}
