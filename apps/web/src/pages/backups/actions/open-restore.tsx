import { Button } from '@mantine/core';
import { Undo2 } from 'lucide-react';
import { Link } from 'wouter';
import type { Backup } from '@milvault/shared';
import { useMay } from '../../../api/may.ts';
import { useText } from '../../../text/language.ts';

/** The way to the page where it is asked what, where to and as what. */
export function OpenRestore({ backup }: { readonly backup: Backup }) {
  const text = useText();
  if (!useMay('operate')) return null;
  return (
    <Button component={Link} href={`/backups/${backup.id}/restore`} leftSection={<Undo2 size={16} aria-hidden />}>
      {text.restore.open}
    </Button>
  );
}
