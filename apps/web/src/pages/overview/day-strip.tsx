import { Tooltip } from '@mantine/core';
import type { PlanDay, PlanHealth } from '@milvault/shared';
import { useFormat, useText } from '../../text/language.ts';
import type { Text } from '../../text/en.ts';
import css from './overview.module.css';

/** The last 30 days in a line: in words first, and then day by day. */
export function DayStrip({ plan: { plan, days } }: { readonly plan: Pick<PlanHealth, 'plan' | 'days'> }) {
  const text = useText();
  const format = useFormat();
  const words = ({ day, state, good, bytes }: PlanDay): string =>
    text.overview.day(
      format.day(day),
      text.overview.days[state],
      text.overview.backups(format.count(good)),
      format.bytes(bytes),
    );
  return (
    <div style={{ marginTop: 16 }}>
      <div className={css['small']}>{inWords(days, text)}</div>
      <ol className={css['strip']} aria-label={text.overview.strip(plan)}>
        {days.map((day) => (
          <Tooltip key={day.day} label={words(day)} openDelay={100}>
            <li className={css['day']} data-state={day.state} aria-label={words(day)} />
          </Tooltip>
        ))}
      </ol>
    </div>
  );
}

export function inWords(days: readonly PlanDay[], text: Text): string {
  const count = (...states: PlanDay['state'][]): number => days.filter(({ state }) => states.includes(state)).length;
  const [good, failed, missed] = [count('good', 'mixed'), count('failed', 'mixed'), count('missed')];
  if (good + failed + missed === 0) return text.overview.stripNothing;
  if (failed + missed === 0)
    return count('idle', 'before') === 0 ? text.overview.stripAll : text.overview.stripGood(good);
  return `${text.overview.stripGood(good)}, ${text.overview.stripBad(failed, missed)}`;
}
