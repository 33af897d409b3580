import { Problem, Run } from '@milvault/shared';
import { Type, type TSchema } from 'typebox';

const problem = {
  description: 'What went wrong, and what to do next',
  content: { 'application/problem+json': { schema: Problem } },
};

/** The answers that a route may give: its own, and problem+json for everything else. */
export const answers = <Status extends number, T extends TSchema>(status: Status, schema: T) =>
  // The cast drops the problems from the type: handlers throw them, and never send one.
  ({ [status]: schema, '4xx': problem, '5xx': problem }) as unknown as { [P in Status]: T };

export const runAccepted = answers(202, Run);

export const eventStream = {
  200: {
    description: 'Events, each with its data as JSON',
    content: { 'text/event-stream': { schema: Type.Unsafe<NodeJS.ReadableStream>(Type.String()) } },
  },
  '4xx': problem,
  '5xx': problem,
};
