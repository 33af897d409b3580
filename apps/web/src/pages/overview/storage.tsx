import { Stack } from '@mantine/core';
import type { StorageHealth } from '@milvault/shared';
import { useFormat, useText } from '../../text/language.ts';
import { Nothing } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Name } from '../../ui/words.tsx';
import css from './overview.module.css';

const FULLEST = 0.9;

export function Storage({ storage }: { readonly storage: readonly StorageHealth[] }) {
  const text = useText();
  if (storage.length === 0) return <Nothing>{text.common.none}</Nothing>;
  return (
    <Stack gap="lg">
      {storage.map((one) => (
        <One key={one.repository} storage={one} />
      ))}
    </Stack>
  );
}

function One({ storage }: { readonly storage: StorageHealth }) {
  const text = useText();
  const format = useFormat();
  const { repository, place, bytes, backups, error } = storage;
  const kept = text.overview.backups(format.count(backups));
  return (
    <div>
      <strong>
        <Name>{repository}</Name>
      </strong>
      <div className={css['small']}>
        <Name>{place}</Name>
      </div>
      {error === null ? (
        <>
          <Space storage={storage} />
          <div className={css['small']}>{text.overview.stored(format.bytes(bytes), kept)}</div>
        </>
      ) : (
        <Problem trouble={error} />
      )}
    </div>
  );
}

function Space({ storage: { space, repository } }: { readonly storage: StorageHealth }) {
  const text = useText();
  const format = useFormat();
  if (space === null || space.total <= 0) return <div className={css['small']}>{text.overview.unknownSpace}</div>;
  const used = 1 - space.free / space.total;
  const words = text.overview.used(format.percent(used), format.bytes(space.free), format.bytes(space.total));
  return (
    <div style={{ marginTop: 8 }}>
      <div className={css['bar']} data-full={used > FULLEST} role="img" aria-label={`${repository}: ${words}`}>
        <div style={{ width: `${String(Math.round(used * 100))}%` }} />
      </div>
      <div className={css['small']} style={{ marginTop: 5 }}>
        {words}
      </div>
    </div>
  );
}
