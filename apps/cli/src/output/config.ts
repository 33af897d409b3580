import { formatCount, type Config } from '@milvault/shared';
import type { Style } from '../terminal.ts';
import { facts, printable } from './table.ts';

const names = (entries: readonly { readonly name: string }[]): string =>
  entries.length === 0 ? 'none' : `${formatCount(entries.length)}: ${entries.map(({ name }) => name).join(', ')}`;

export function configText(config: Config, style: Style): string {
  const from = config.file ?? 'defaults and environment, no file';
  const notices = config.notices.map((notice) => `  - ${printable(notice)}\n`).join('');
  return [
    `${style.good('ok')} ${style.bold(`The configuration has no faults (${printable(from)})`)}\n`,
    facts(
      [
        ['sources', names(config.sources)],
        ['repositories', names(config.repositories)],
        ['plans', names(config.plans)],
        ['channels', names(config.channels)],
        ['cleanup', `${config.cleanup} (${config.timeZone})`],
        ['health', `${config.health} (${config.timeZone})`],
      ],
      style,
    ),
    notices === '' ? '' : `\n${style.doubtful('To know')}\n${notices}`,
  ].join('');
}
