import { Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import css from './ui.module.css';

interface PageProps {
  /** Text, for the title of the window too. */
  readonly title: string;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, about, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · milvault`;
  }, [title]);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Title order={1} size="h2" className={css['name'] ?? ''}>
            <bdi>{title}</bdi>
          </Title>
          {about === undefined ? null : (
            <Text c="dimmed" size="sm" component="div">
              {about}
            </Text>
          )}
        </div>
        {actions === undefined ? null : <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

export const Card = ({ title, children }: { readonly title?: string; readonly children: ReactNode }) => (
  <section className={css['card']}>
    {title === undefined ? null : <h2 className={css['cardTitle']}>{title}</h2>}
    {children}
  </section>
);

export interface Fact {
  readonly label: string;
  readonly value: ReactNode;
}

export const Facts = ({ facts }: { readonly facts: readonly (Fact | null)[] }) => (
  <dl className={css['facts']}>
    {facts.map((fact) =>
      fact === null ? null : (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ),
    )}
  </dl>
);

/** What a reader should know where there is nothing to show. */
export const Nothing = ({ children }: { readonly children: ReactNode }) => (
  <Text c="dimmed" py="lg" ta="center">
    {children}
  </Text>
);
