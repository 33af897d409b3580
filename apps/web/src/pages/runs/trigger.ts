import type { Text } from '../../text/en.ts';

/** Who started a run: a schedule, somebody by a face, or another run that it follows. */
export function triggerName(trigger: string, text: Text): string {
  const { schedule, api, cli, after } = text.runs.triggers;
  if (trigger.startsWith('run:')) return after;
  return { schedule, api, cli }[trigger] ?? trigger;
}
