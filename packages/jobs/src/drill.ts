import type { RestorePart, RestorePartResult } from '@milvault/engines';
import type { MilvusClient } from '@milvault/milvus';
import { hasCode, hashedName, type Backup, type DrillReport, type RestoreReport } from '@milvault/shared';
import { searchStored } from './drill-search.ts';
import { collectionLease, drillLease, fullName } from './leases.ts';
import type { DrillPayload, Job, JobContext } from './port.ts';
import {
  abandonRestore,
  beginRestore,
  endReading,
  finishRestore,
  planRestore,
  requireAble,
  restorePart,
  type RestoreState,
} from './restore.ts';

/** Milvus allows 255 characters; the marks of a drill and of its restore take some 60 of them. */
const STEM = 180;
const TOKEN_LENGTH = 10;

/** A trial restore into scratch collections: counted, compared, searched, and dropped whatever comes. */
export const drillJob: Job<DrillPayload, RestoreState, RestorePart, RestorePartResult, DrillReport> = {
  kind: 'drill',

  leases: async (asked, context) => {
    const { address } = context.source(await targetOf(asked, context));
    const backup = await find(asked, context);
    // Keeps a backup of `*` from reading what is there for a moment only.
    const scratch = Object.values(scratchNames(backup, tokenOf(context)));
    return [drillLease(address), ...scratch.map((name) => collectionLease(address, name))];
  },

  plan: async (asked, context) => {
    const target = await targetOf(asked, context);
    requireAble(context.engines.get((await find(asked, context)).engine), 'drill');
    const rename = scratchNames(await find(asked, context), tokenOf(context));
    const request = { collections: [], partitions: [], suffix: null, rename, aliases: false };
    return planRestore({ ...asked, target }, request, context);
  },

  begin: beginRestore,
  part: restorePart,

  finish: async (asked, planned, _results, context) => {
    const repository = await context.repository(asked.repository);
    const { plan, target } = planned.state;
    const report = await prove(asked, planned, context);
    context.onProgress({ phase: 'search' });
    const searched = await withClient(target, context, (client) =>
      searchStored(client, plan, repository, context.signal),
    );
    context.onProgress({ phase: 'drop' });
    await drop(planned.state, context);
    await endReading(asked, context);
    const drill: DrillReport = { result: 'ok', searched, ...report };
    await repository.addProof(report.backup, { level: 4, result: 'ok', at: report.at }, drill);
    return drill;
  },

  abandon: async (asked, state, context) => {
    if (state !== null) await drop(state, context);
    await endReading(asked, context);
  },
};

const find = async (asked: DrillPayload, context: JobContext): Promise<Backup> =>
  (await context.repository(asked.repository)).find(asked.backup);

const targetOf = async (asked: DrillPayload, context: JobContext): Promise<string> =>
  asked.target ?? (await find(asked, context)).source.address;

/** The same for every try of one run, so that a second one finds what the first one made. */
const tokenOf = ({ runId }: JobContext): string => hashedName('drill', runId).slice(-TOKEN_LENGTH);

const scratchNames = (backup: Backup, token: string): Record<string, string> =>
  Object.fromEntries(
    backup.collections.map(({ database, collection }, place) => [
      fullName(database, collection),
      fullName(database, `${collection.slice(0, STEM)}__milvault_drill_${token}${place.toString(36)}`),
    ]),
  );

/** A backup whose rows come back different is a finding about the backup, and stays with it. */
async function prove(
  asked: DrillPayload,
  planned: { readonly state: RestoreState; readonly parts: readonly RestorePart[] },
  context: JobContext,
): Promise<RestoreReport> {
  try {
    return await finishRestore(planned, context);
  } catch (thrown) {
    if (hasCode(thrown, 'RESTORE_MISMATCH')) {
      const repository = await context.repository(asked.repository);
      const at = context.clock.now();
      await repository.addProof(
        planned.state.plan.backupId,
        { level: 4, result: 'unknown', at },
        { error: thrown.message },
      );
    }
    throw thrown;
  }
}

async function drop(state: RestoreState, context: JobContext): Promise<void> {
  await withClient(state.target, context, async (client) => {
    const databases = new Set((await client.databases(context.signal)).map(({ name }) => name));
    for (const { targetDatabase: database, targetCollection: collection } of state.plan.collections) {
      const ref = { database, collection };
      if (databases.has(database) && (await client.hasCollection(ref, context.signal))) await client.drop(ref);
    }
  });
  await abandonRestore(state, context);
}

async function withClient<Result>(
  target: string,
  context: JobContext,
  use: (client: MilvusClient) => Promise<Result>,
): Promise<Result> {
  const client = context.connect(context.source(target));
  try {
    return await use(client);
  } finally {
    client.close();
  }
}
