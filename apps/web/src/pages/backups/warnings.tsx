import type { Warning } from '@milvault/shared';
import { useText } from '../../text/language.ts';
import { Card, Nothing } from '../../ui/page.tsx';
import { WarningList } from '../../ui/warning-list.tsx';

export function Warnings({ warnings }: { readonly warnings: readonly Warning[] }) {
  const text = useText();
  return (
    <Card title={text.backups.warnings}>
      {warnings.length === 0 ? <Nothing>{text.backups.noWarnings}</Nothing> : <WarningList warnings={warnings} />}
    </Card>
  );
}
