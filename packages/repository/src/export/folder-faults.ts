import { fail, isMilvaultError, isStopped } from '@milvault/shared';

/** A write into the folder of an export, with its fault as ours. EXPORT_WRITE_FAILED. */
export async function writing<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (isMilvaultError(thrown) || isStopped(thrown)) throw thrown;
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
    throw fail('EXPORT_WRITE_FAILED', {
      what: `The export cannot be written to ${folder}`,
      expected: 'a folder that can be written, with enough space',
      got: code,
      cause: thrown,
    });
  }
}

/** The fault that ended an export; that nothing of it was left is part of what people need to know. */
export function exportFault(folder: string, thrown: unknown): unknown {
  if (isStopped(thrown) && thrown.reason === 'cancelled') {
    return fail('RUN_CANCELLED', {
      what: `The export was stopped; what it had written to ${folder} was removed`,
      next: 'Start it again when you want it',
      cause: thrown,
    });
  }
  return thrown;
}
