import { fail, type Run } from '@milvault/shared';

export const underWay = (run: Pick<Run, 'id' | 'kind'>): Error =>
  fail('CONFLICT', {
    what: `An equal ${run.kind} run is queued or under way: ${run.id}`,
    next: `Wait for run ${run.id}, or cancel it`,
    details: { run: run.id },
  });

export const hasEnded = (run: Pick<Run, 'id' | 'state'>): Error =>
  fail('CONFLICT', { what: `Run ${run.id} has ended: ${run.state}`, next: 'Start a new run when you want one' });
