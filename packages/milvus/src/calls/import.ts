import { fail } from '@milvault/shared';
import type { MessageOf } from '../protocol/message.ts';
import type { GetImportStateResponse } from '../protocol/messages.ts';
import { METHODS } from '../protocol/methods.ts';
import type { CollectionRef, ImportFiles, ImportTask } from '../port.ts';
import { retried } from '../transport/retry.ts';
import type { Transport } from '../transport/transport.ts';

/** ImportState: failed, completed, failed and cleaned. All others are on their way. */
const FAILED = [1, 7];
const COMPLETED = 6;

/** See MilvusClient.startImport. */
export async function startImport(
  transport: Transport,
  { database, collection }: CollectionRef,
  { partition, insertLogs, deltaLogs, upToMs }: ImportFiles,
  signal?: AbortSignal,
): Promise<string> {
  const { tasks } = await transport.call(
    METHODS.import,
    {
      dbName: database,
      collectionName: collection,
      partitionName: partition,
      files: [insertLogs, deltaLogs],
      options: [
        { key: 'backup', value: 'true' },
        ...(upToMs === null ? [] : [{ key: 'end_ts', value: String(upToMs) }]),
      ],
    },
    { database, signal },
  );
  const [task] = tasks;
  if (task !== undefined && tasks.length === 1) return task;
  throw fail('PROTOCOL_VIOLATION', {
    what: `An import into ${collection} became ${tasks.length} tasks`,
    expected: 'one task, as all of its files are of one partition',
    got: tasks.join(', ') || 'none',
  });
}

/** See MilvusClient.imports. */
export async function imports(transport: Transport, ref: CollectionRef, signal?: AbortSignal): Promise<ImportTask[]> {
  const { database, collection } = ref;
  const reply = await retried(transport.clock, signal, () =>
    transport.call(METHODS.listImportTasks, { dbName: database, collectionName: collection }, { database, signal }),
  );
  return reply.tasks.map(taskOf);
}

function taskOf({ id, state, rowCount, infos }: MessageOf<typeof GetImportStateResponse>): ImportTask {
  const info = (key: string): string => infos.find((one) => one.key === key)?.value ?? '';
  return {
    id,
    state: FAILED.includes(state) ? 'failed' : state === COMPLETED ? 'done' : 'working',
    rows: Number(rowCount),
    percent: Number(info('progress_percent') || '0'),
    reason: info('failed_reason'),
    // Its two folders, by a comma; Milvus takes no folder with one in its name.
    insertLogs: info('files').split(',')[0] ?? '',
  };
}
