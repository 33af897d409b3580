import type { RetentionPolicy } from '../retention.ts';
import type { Secret } from '../secret.ts';
import type { Consistency, EngineKind } from '../resources/backup.ts';
import type { LogLevel } from './schema.ts';

/** The configuration after parsing: complete, checked, with secrets wrapped. Everything behind `load.ts` trusts it. */
export interface Config {
  /** The file that was read, or null where there was none. */
  readonly file: string | null;
  /** What the reader of the file should know about how it was understood; to be logged at each start. */
  readonly notices: readonly string[];
  readonly redis: Secret;
  readonly api: {
    readonly host: string;
    readonly port: number;
    readonly adminToken: Secret | null;
    readonly boardWritable: boolean;
  };
  readonly log: { readonly level: LogLevel; readonly file: string | null };
  /** What the command line speaks to: `http://host:port` without a slash at the end. */
  readonly client: { readonly api: string; readonly token: Secret | null };
  readonly sources: readonly Source[];
  readonly repositories: readonly RepositoryPlace[];
  readonly plans: readonly Plan[];
  readonly channels: readonly Channel[];
  /** Cron of the retention and clean-up run, and of the health check; both in `timeZone`. */
  readonly cleanup: string;
  readonly health: string;
  readonly timeZone: string;
  /** An open incident is told again after each so many hours. */
  readonly remindHours: number;
  /** Asked as long as milvault watches, so that somebody else notices when it does no more. */
  readonly heartbeat: Secret | null;
  /** Longest that a run may take that belongs to no plan. */
  readonly maxRunHours: number;
  /** What a bucket is reached with that no repository or source of the file names: it was typed on a command line. */
  readonly s3: S3Access;
}

export interface Source {
  readonly name: string;
  /** host:port, normalised. */
  readonly address: string;
  readonly tls: boolean;
  /** What goes into the `authorization` header before base64: `user:password` or an API token. Null: none. */
  readonly credentials: Secret | null;
  /** Where this Milvus keeps its own files, or null where nobody told. */
  readonly storage: StoragePlace | null;
  /** Base address of the API of a backup tool, without a slash at the end; absent: none. */
  readonly tool?: string;
}

export interface RepositoryPlace extends StoragePlace {
  readonly name: string;
}

/** Where files are kept, and what they are reached with. */
export interface StoragePlace {
  /** An absolute folder, or `s3://bucket/prefix` without a slash at its end. */
  readonly place: string;
  /** Null for a folder. */
  readonly access: S3Access | null;
}

/** How a store that speaks S3 is reached. */
export interface S3Access {
  /** `http(s)://host:port` without a slash at its end; null: Amazon's own of the region. */
  readonly endpoint: string | null;
  readonly region: string;
  /** Null: what the machine itself has, a profile or a role. */
  readonly credentials: S3Credentials | null;
  /** True: the bucket stands in the path of the address, not in its host. */
  readonly pathStyle: boolean;
  /** How the store proves that it got the bytes that were sent. */
  readonly checksum: 'sha256' | 'md5';
}

export interface S3Credentials {
  readonly accessKey: Secret;
  readonly secretKey: Secret;
  /** Of temporary credentials. */
  readonly sessionToken: Secret | null;
}

/** How long a chain of incrementals may become before the next backup is a full: links after the full, and its days. */
export interface ChainLimits {
  readonly links: number;
  readonly days: number;
}

export const DEFAULT_CHAIN: ChainLimits = { links: 14, days: 30 };

export interface Plan {
  readonly name: string;
  readonly source: string;
  readonly repository: string;
  readonly collections: readonly string[];
  readonly engine: 'auto' | EngineKind;
  readonly timeZone: string;
  /** Five cron fields each, or null for never. Several jobs of one type are several plans. */
  readonly full: string | null;
  readonly incremental: string | null;
  readonly base: 'last' | 'full';
  readonly chain: ChainLimits;
  readonly consistency: Consistency;
  readonly verify: 0 | 1 | 2 | 3;
  /** Checks of what is stored, in turn: every backup in any `checkRuns` firings in a row. */
  readonly check: string | null;
  readonly checkLevel: 2 | 3;
  readonly checkRuns: number;
  readonly drill: string | null;
  /** Name of a source; null: the one that the backup is of. */
  readonly drillTarget: string | null;
  /** The same for trial restores; null: only the newest backup is tried. */
  readonly drillRuns: number | null;
  readonly retention: RetentionPolicy;
  /** Hours after which a missing good backup is an incident. */
  readonly maxAgeHours: number;
  /** Hours from its start after which a run of the plan is stopped. */
  readonly maxRunHours: number;
  readonly enabled: boolean;
}

export type Channel = EmailChannel | SlackChannel;

export interface EmailChannel {
  readonly kind: 'email';
  readonly name: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly user: string | null;
  readonly password: Secret | null;
}

export interface SlackChannel {
  readonly kind: 'slack';
  readonly name: string;
  readonly webhook: Secret;
}
