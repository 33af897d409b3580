import { inject } from 'vitest';

/** The real servers that the harness keeps running for the tests: started once, shared by all files. */
export interface TestServers {
  /** host:port of Milvus 2.3.5 and of Milvus Lite 3.2.2. */
  readonly milvus: string;
  readonly lite: string;
  /** The folder in which that Milvus 2.3.5 keeps its files; '' where nobody told. */
  readonly milvusData: string;
  /** redis://… of a Redis with AOF and noeviction. Use a prefix or database of your own. */
  readonly redis: string;
  /** A Python with pymilvus, pyarrow and duckdb: the oracles. */
  readonly python: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: TestServers | null;
  }
}

export function servers(): TestServers {
  const started = inject('servers');
  if (started !== null) return started;
  throw new Error(
    'expected the harness to have started servers, got none: it starts them for files outside tests/unit and tests/docs, ' +
      'and for files that name servers() themselves (tests/support/needs.ts)',
  );
}
