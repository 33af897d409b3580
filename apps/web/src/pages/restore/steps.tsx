import { Button, Group } from '@mantine/core';
import { ArrowLeft, ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { useText } from '../../text/language.ts';
import css from './restore.module.css';

interface StepsProps {
  readonly names: readonly string[];
  readonly current: number;
}

/** Where one is, in words and numbers. */
export const Steps = ({ names, current }: StepsProps) => (
  <ol className={css['steps']}>
    {names.map((name, place) => (
      <li
        key={name}
        className={css['step']}
        data-state={place < current ? 'done' : place === current ? 'now' : 'later'}
        {...(place === current ? { 'aria-current': 'step' } : {})}
      >
        <span className={css['number']} aria-hidden>
          {place + 1}
        </span>
        {name}
      </li>
    ))}
  </ol>
);

interface WaysProps {
  readonly onBack?: () => void;
  readonly onNext?: () => void;
  readonly ready?: boolean;
  /** In place of the way on. */
  readonly children?: ReactNode;
}

export function Ways({ onBack, onNext, ready = true, children }: WaysProps) {
  const text = useText();
  return (
    <Group justify="space-between" mt="lg">
      {onBack === undefined ? (
        <span />
      ) : (
        <Button variant="default" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={onBack}>
          {text.common.back}
        </Button>
      )}
      {onNext === undefined ? (
        children
      ) : (
        <Button rightSection={<ArrowRight size={16} aria-hidden />} disabled={!ready} onClick={onNext}>
          {text.common.next}
        </Button>
      )}
    </Group>
  );
}
