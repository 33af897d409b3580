import { piecesOfFrames, type ExportSource } from '@milvault/repository';
import type { ExportPlan } from '@milvault/shared';
import { apiPath, streamFrom, type ApiAddress, type Call } from './call.ts';

const FRAMES = 'application/vnd.milvault.export';

/** A backup behind the API, to be exported here. */
export async function openHttpExport(
  address: ApiAddress,
  call: Call,
  idOrName: string,
  repository: string | undefined,
): Promise<ExportSource> {
  const plan = await call<ExportPlan>('GET', apiPath('backups', idOrName, 'export'), { query: { repository } });
  // Found once: from here on it is the same backup, whatever is named so later.
  const path = apiPath('backups', plan.backup.id, 'export', 'rows');
  return {
    plan,
    pieces: (partition, signal) =>
      piecesOfFrames(streamFrom(address, path, { repository: plan.backup.repository, ...partition }, FRAMES, signal)),
  };
}
