import { useNow } from '../clock.ts';
import { useFormat } from '../text/language.ts';
import css from './ui.module.css';

/** A name that somebody else gave: shown as text, in its own direction, and never wider than its place. */
export const Name = ({ children, cut = false }: { readonly children: string; readonly cut?: boolean }) => (
  <bdi className={cut ? css['cut'] : css['name']} {...(cut ? { title: children } : {})}>
    {children}
  </bdi>
);

/** A moment as people speak of it; the exact one is shown on request. */
export function When({ at }: { readonly at: number }) {
  const format = useFormat();
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={format.instant(at)}>
      {format.relative(at, now)}
    </time>
  );
}

export function Instant({ at }: { readonly at: number }) {
  const format = useFormat();
  return <time dateTime={new Date(at).toISOString()}>{format.instant(at)}</time>;
}
