import { fail, type Clock } from '@milvault/shared';
import type { StorageDriver } from '../port.ts';
import { probeStorage } from './probe.ts';

/** A list of more than a thousand objects is left to `milvault repo probe`: a new repository should not wait for that. */
const FEW = 20;

/**
 * Before a repository is born in a store that is not ours: the store keeps the promises. A folder makes them by the rules
 * of its file system, which its driver checks on each write. REPO_STORE_UNSAFE.
 */
export async function requireSafeStore(driver: StorageDriver, clock: Clock): Promise<void> {
  if (driver.spoil === undefined) return;
  const report = await probeStorage(driver, clock, { keys: FEW });
  if (report.safe) return;
  const broken = report.findings.filter(({ required, result }) => required && result === 'failed');
  throw fail('REPO_STORE_UNSAFE', {
    what: `The store at ${driver.place} is not safe for backups: ${broken.map(({ name, detail }) => `${name}: ${detail}`).join('; ')}`,
    details: { place: driver.place, findings: broken.map(({ name, detail }) => ({ name, detail })) },
  });
}
