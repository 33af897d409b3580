import { checkRestore as check } from '@milvault/engines';
import type { RestoreCheck } from '@milvault/shared';
import type { Adapters } from './adapters.ts';
import type { RestorePayload } from './port.ts';

/** What a restore would make on its target and what is in its way; changes nothing. */
export async function checkRestore(
  adapters: Adapters,
  asked: RestorePayload,
  signal: AbortSignal,
): Promise<RestoreCheck> {
  const repository = await adapters.repository(asked.repository);
  const { id } = await repository.find(asked.backup);
  const client = adapters.connect(adapters.source(asked.target));
  try {
    return await check(client, repository, await repository.manifest(id), asked, signal);
  } finally {
    client.close();
  }
}
