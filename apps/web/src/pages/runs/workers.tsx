import { useQuery } from '@tanstack/react-query';
import { CircleX, Cpu } from 'lucide-react';
import { queries } from '../../api/queries.ts';
import { useFormat, useText } from '../../text/language.ts';
import { Tag } from '../../ui/tag.tsx';

/** Who takes jobs now. */
export function WorkersNow() {
  const text = useText();
  const format = useFormat();
  const { data } = useQuery(queries.workers());
  if (data === undefined) return null;
  if (data.total === 0) {
    return (
      <Tag tone="bad" icon={CircleX}>
        {text.runs.noWorkers}
      </Tag>
    );
  }
  return (
    <Tag tone="calm" icon={Cpu}>
      {text.runs.workers}: {text.runs.workersNow(format.count(data.total))}
    </Tag>
  );
}
