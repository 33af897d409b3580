import { fail, hasCode, type DatabaseDefinition } from '@milvault/shared';
import { METHODS } from '../protocol/methods.ts';
import type { Moment, ServerInfo } from '../port.ts';
import { retried } from '../transport/retry.ts';
import type { Transport } from '../transport/transport.ts';

const OLDEST = { major: 2, minor: 3 };

/** See MilvusClient.server. SOURCE_UNSUPPORTED where it says that it is older than what milvault is tested with. */
export async function serverInfo(transport: Transport, signal?: AbortSignal): Promise<ServerInfo> {
  const { version } = await retried(transport.clock, signal, () => transport.call(METHODS.getVersion, {}, { signal }));
  const lite = version.startsWith('milvus_lite');
  // Builds of one's own report names without numbers: they are taken at their word by their behaviour.
  const numbers = /^v?(\d+)\.(\d+)/.exec(version);
  if (!lite && numbers !== null && isOlder(Number(numbers[1]), Number(numbers[2]))) {
    throw fail('SOURCE_UNSUPPORTED', {
      what: `Milvus at ${transport.address} is too old`,
      expected: `version ${OLDEST.major}.${OLDEST.minor} or later`,
      got: version,
    });
  }
  return { version, lite, databases: (await databaseNames(transport, signal)) !== null };
}

const isOlder = (major: number, minor: number): boolean =>
  major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);

/** Null where the server has no databases. */
async function databaseNames(transport: Transport, signal?: AbortSignal): Promise<string[] | null> {
  try {
    const reply = await retried(transport.clock, signal, () => transport.call(METHODS.listDatabases, {}, { signal }));
    return reply.dbNames;
  } catch (error) {
    if (hasCode(error, 'SOURCE_UNSUPPORTED')) return null;
    throw error;
  }
}

/** See MilvusClient.moment. */
export async function moment(transport: Transport, lite: boolean, signal?: AbortSignal): Promise<Moment | null> {
  if (lite) return null;
  try {
    const reply = await retried(transport.clock, signal, () => transport.call(METHODS.allocTimestamp, {}, { signal }));
    return reply.timestamp === '0' ? null : reply.timestamp;
  } catch (error) {
    if (hasCode(error, 'SOURCE_UNSUPPORTED', 'SOURCE_REJECTED', 'SOURCE_AUTH_FAILED')) return null;
    throw error;
  }
}

export async function databases(transport: Transport, signal?: AbortSignal): Promise<DatabaseDefinition[]> {
  const names = (await databaseNames(transport, signal)) ?? ['default'];
  const definitions: DatabaseDefinition[] = [];
  for (const name of names) definitions.push({ name, properties: await propertiesOf(transport, name, signal) });
  return definitions;
}

/** Databases have properties since Milvus 2.4; before, there are none to tell. */
async function propertiesOf(
  transport: Transport,
  name: string,
  signal?: AbortSignal,
): Promise<DatabaseDefinition['properties']> {
  try {
    const reply = await retried(transport.clock, signal, () =>
      transport.call(METHODS.describeDatabase, { dbName: name }, { database: name, signal }),
    );
    return reply.properties;
  } catch (error) {
    if (hasCode(error, 'SOURCE_UNSUPPORTED')) return [];
    throw error;
  }
}
