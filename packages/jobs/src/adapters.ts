import type { Engines, EngineSource } from '@milvault/engines';
import type { MilvusAddress, MilvusClient } from '@milvault/milvus';
import type { Repository } from '@milvault/repository';
import type { ProbeReport } from '@milvault/shared';

/** What jobs and faces reach the outside with. Built by `compose.ts` alone; each repository is opened once. */
export interface Adapters {
  /** By configured name, or by address as given on a command line. SOURCE_NOT_FOUND. */
  source(nameOrAddress: string): EngineSource;
  /** By configured name, by folder or by `s3://bucket/prefix`. REPOSITORY_NOT_FOUND, REPO_NOT_A_REPOSITORY. */
  repository(nameOrPlace: string): Promise<Repository>;
  /** Makes a repository in an empty place. One that is there already stays as it is. REPO_STORE_UNSAFE. */
  initRepository(nameOrPlace: string): Promise<Repository>;
  /**
   * Tries the promises of its store on the store itself, by as many objects as `keys` says, else more than a list shows at
   * once. What is in the repository is not touched.
   */
  probeRepository(nameOrPlace: string, signal: AbortSignal, keys?: number): Promise<ProbeReport>;
  /** The name that backups of this repository are shown under. */
  repositoryName(nameOrPlace: string): string;
  connect(address: MilvusAddress): MilvusClient;
  readonly engines: Engines;
}
