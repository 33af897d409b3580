import type { JobPayloads, Service } from '@milvault/jobs';
import { fail, type Run, type RunKind } from '@milvault/shared';

/**
 * A new run with the request of one that has ended, whoever started that one. CONFLICT where it goes on. `allow` throws
 * where the caller may not start one of that kind.
 */
export async function startAgain(service: Service, id: string, allow: (kind: RunKind) => void): Promise<Run> {
  const { kind, request, plan, endedAt } = await service.run(id);
  allow(kind);
  if (endedAt === null) {
    throw fail('CONFLICT', { what: `Run ${id} goes on`, next: 'Wait for its end, or cancel it' });
  }
  // The record keeps the payload as it was started, and credentials are refused in one.
  const payload = request as unknown as JobPayloads[RunKind];
  return service.start(kind, payload, { trigger: 'api', plan });
}
