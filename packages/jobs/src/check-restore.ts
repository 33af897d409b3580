import { checkRestore as check } from '@milvault/engines';
import type { RestoreCheck } from '@milvault/shared';
import type { Adapters } from './adapters.ts';
import type { RestorePayload } from './port.ts';
import { requireAble } from './restore.ts';

/** What a restore would make on its target and what is in its way; changes nothing. */
export async function checkRestore(
  adapters: Adapters,
  asked: RestorePayload,
  signal: AbortSignal,
): Promise<RestoreCheck> {
  const repository = await adapters.repository(asked.repository);
  const { id } = await repository.find(asked.backup);
  const manifest = await repository.manifest(id);
  const engine = adapters.engines.get(manifest.engine);
  requireAble(engine, 'restore');
  const target = adapters.source(asked.target);
  const would = await engine.wouldRestore(target, repository, manifest, asked);
  const client = adapters.connect(target);
  try {
    return await check(client, would, signal);
  } finally {
    client.close();
  }
}
