import { formatBytes, formatCount, type Backup } from '@milvault/shared';

type Collection = Backup['collections'][number];

interface Figures {
  readonly rows: string;
  readonly own: string;
  /** Own and borrowed bytes, in words. */
  readonly size: string;
  readonly speed: (megabytesPerSecond: number) => string;
  readonly collection: (one: Collection) => { readonly rows: string; readonly bytes: string };
}

const UNKNOWN = 'unknown';

/** The numbers of a backup in words: what the tool that keeps it did not give is not shown as nothing. */
export function figuresOf({ rows, bytes, tool }: Pick<Backup, 'rows' | 'bytes' | 'tool'>): Figures {
  const told = (what: 'rows' | 'bytes' | 'collections'): boolean => tool?.unknown.includes(what) !== true;
  const inWords = (what: 'rows' | 'bytes' | 'collections', words: string): string => (told(what) ? words : UNKNOWN);
  const { own, total } = bytes;
  const lent = own === total ? '' : `, ${formatBytes(total)} with what it borrows`;
  return {
    rows: inWords('rows', formatCount(rows)),
    own: inWords('bytes', formatBytes(own)),
    size: inWords('bytes', `${formatBytes(own)}${lent}`),
    speed: (speed) => (told('bytes') ? `, ${speed.toFixed(1)} MB/s stored` : ''),
    collection: (one) => ({
      rows: inWords('collections', formatCount(one.rows)),
      bytes: inWords('collections', formatBytes(one.bytes)),
    }),
  };
}
