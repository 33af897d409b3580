import type { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { ChannelSender } from '@milvault/alerts';
import type { Audit, CatalogEvent, IncidentFilter, Tokens } from '@milvault/catalog';
import type { Inspection } from '@milvault/engines';
import type { HeldView, JobPayloads, Service } from '@milvault/jobs';
import type { Repository } from '@milvault/repository';
import type { Follow } from './live/live-event.ts';
import type {
  Backup,
  Clock,
  Config,
  IncidentView,
  Logger,
  Plan,
  ProbeReport,
  RestoreCheck,
  WorkerView,
} from '@milvault/shared';

/** A queue as Bull Board takes it. */
export type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

/** All that the API stands on. `compose.ts` builds it, `buildApp` only uses it, and neither closes what the other opened. */
export interface ApiParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  /** Folder of the built admin page; null where it was not built. */
  readonly page: string | null;
  readonly service: Service;
  readonly queues: readonly BoardQueue[];
  readonly channels: readonly ChannelSender[];
  readonly tokens: Tokens;
  readonly audit: Audit;
  /** Resolves when Redis answers. REDIS_UNREACHABLE. */
  ping(): Promise<void>;
  /** Processes that take jobs now. */
  workers(): Promise<WorkerView[]>;
  /** Problems that were told and are not over. */
  openIncidents(): Promise<number>;
  incidents(filter: IncidentFilter): Promise<{ incidents: IncidentView[]; total: number }>;
  /** What is kept of what happens. */
  readonly follow: Follow<CatalogEvent>;
  /** Looks into a source by name or address. SOURCE_NOT_FOUND, SOURCE_UNREACHABLE, … */
  inspect(source: string, collections: readonly string[], signal: AbortSignal): Promise<Inspection>;
  /** What the tool of a plan's source holds. OPTION_UNSUPPORTED where there is none, or none that can tell. */
  listHeld(plan: Plan, signal: AbortSignal): Promise<readonly HeldView[]>;
  /** Takes some of that over into the plan's retention. BACKUP_NOT_FOUND. */
  adoptHeld(plan: Plan, names: readonly string[], signal: AbortSignal): Promise<readonly Backup[]>;
  /** What a restore would make, and what is in its way; changes nothing. */
  checkRestore(asked: JobPayloads['restore'], signal: AbortSignal): Promise<RestoreCheck>;
  /** By configured name or folder. REPOSITORY_NOT_FOUND, REPO_NOT_A_REPOSITORY. */
  repository(nameOrPlace: string): Promise<Repository>;
  /** Makes a repository in an empty place. Fine to repeat: one that is there already stays as it is. */
  initRepository(nameOrPlace: string): Promise<Repository>;
  /** Tries the promises of its store on the store itself. */
  probeRepository(nameOrPlace: string, signal: AbortSignal): Promise<ProbeReport>;
}
