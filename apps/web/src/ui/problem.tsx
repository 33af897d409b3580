import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import type { Run } from '@milvault/shared';
import { ApiError } from '../api/client.ts';
import { useText } from '../text/language.ts';
import css from './ui.module.css';

/** The part that an answer of the API and the error of a run have in common. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof ApiError) {
    const { code, detail, next } = error.problem;
    return { code, message: detail, next };
  }
  return { code: 'INTERNAL', message: String(error), next: '' };
}

export const troubleOfRun = ({ code, message, next }: NonNullable<Run['error']>): Trouble => ({ code, message, next });

interface ProblemProps {
  readonly trouble: Trouble;
  readonly retry?: () => void;
}

/** What went wrong and what to do next, in the words of the one table of errors. */
export function Problem({ trouble, retry }: ProblemProps) {
  const text = useText();
  const { code, message, next } = trouble;
  return (
    <Alert
      className={css['problem'] ?? ''}
      color="red"
      variant="default"
      icon={<CircleAlert aria-hidden />}
      role="alert"
    >
      <Text fw={600} className={css['name'] ?? ''}>
        {message}
      </Text>
      <Text size="sm" mt={4} className={css['name'] ?? ''}>
        {next}
      </Text>
      <Group mt="xs" gap="xs">
        <Code>{code}</Code>
        {retry === undefined ? null : (
          <Button size="compact-sm" variant="default" onClick={retry}>
            {text.common.again}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
