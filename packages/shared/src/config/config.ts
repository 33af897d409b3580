import type { Secret } from '../secret.ts';
import type { EngineKind } from '../resources/backup.ts';

/** The configuration after parsing: complete, checked, with secrets wrapped. Everything behind `load.ts` trusts it. */
export interface Config {
  readonly redis: Secret;
  readonly api: {
    readonly host: string;
    readonly port: number;
    readonly adminToken: Secret | null;
    readonly boardWritable: boolean;
  };
  readonly log: { readonly level: string; readonly file: string | null };
  readonly sources: readonly Source[];
  readonly repositories: readonly RepositoryPlace[];
  readonly plans: readonly Plan[];
  readonly channels: readonly Channel[];
  /** Cron of the retention and clean-up run, and of the health check; in UTC. */
  readonly cleanup: string;
  readonly health: string;
}

export interface Source {
  readonly name: string;
  /** host:port, normalised. */
  readonly address: string;
  readonly tls: boolean;
  /** What goes into the `authorization` header before base64: `user:password` or an API token. Null: none. */
  readonly credentials: Secret | null;
}

export interface RepositoryPlace {
  readonly name: string;
  /** An absolute folder. */
  readonly place: string;
}

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
  readonly drill: string | null;
  readonly verify: number;
  readonly retention: { readonly days: number };
  readonly maxAgeHours: number;
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
