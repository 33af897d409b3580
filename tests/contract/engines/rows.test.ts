import { createRowsEngine } from '@milvault/engines';
import { createMilvusClient } from '@milvault/milvus';
import { systemClock } from '@milvault/shared';
import { servers } from '../../support/servers.ts';
import type { Dump } from '../../support/shapes.ts';
import { engineBattery } from '../engine.ts';

const engine = createRowsEngine({
  connect: (address) => createMilvusClient(address, { clock: systemClock }),
  clock: systemClock,
});

const EVERYWHERE = [
  'int_keys',
  'text_keys',
  'scalars',
  'json',
  'dynamic',
  'arrays',
  'partitions',
  'partition_key',
  'auto_ids',
  'empty',
  'aliases',
  'ttl',
  'in_database',
  'consistency',
  'index_ivf',
  'index_hnsw',
];

engineBattery('rows on Milvus 2.3.5', {
  engine: () => engine,
  server: () => servers().milvus,
  shapes: [...EVERYWHERE, 'binary', 'float16', 'auto_text_ids'],
  unreadable: ['int_max'],
  allowed: (shape, dump) => (shape.startsWith('auto_') ? withoutAutoIds(dump) : dump),
});

engineBattery('rows on Milvus Lite', {
  engine: () => engine,
  server: () => servers().lite,
  shapes: [...EVERYWHERE, 'sparse', 'nulls', 'defaults', 'geometry', 'two_vectors', 'times', 'int_max'],
  unreadable: [],
  allowed: (_, dump) => dump,
});

/** AUTO_IDS_PLAIN: Milvus 2.3.5 refuses given keys for a collection with auto ids. */
const withoutAutoIds = (dump: Dump): Dump => ({
  ...dump,
  autoId: false,
  fields: dump.fields.map((field) => Object.fromEntries(Object.entries(field).filter(([key]) => key !== 'auto_id'))),
});
