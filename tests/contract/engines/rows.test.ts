import { rowsEngine } from '../../support/engine-case.ts';
import { servers } from '../../support/servers.ts';
import type { Dump } from '../../support/shapes.ts';
import { engineBattery } from '../engine.ts';
import { EVERYWHERE, LITE_SHAPES } from './shapes-served.ts';

engineBattery('rows on Milvus 2.3.5', {
  engine: rowsEngine,
  // A full by hand asks for no proof.
  consistency: 'fuzzy',
  server: () => servers().milvus,
  shapes: [...EVERYWHERE, 'binary', 'float16', 'auto_text_ids'],
  left: ['int_max'],
  allowed: (shape, dump) => (shape.startsWith('auto_') ? withoutAutoIds(dump) : dump),
});

engineBattery('rows on Milvus Lite', {
  engine: rowsEngine,
  // A full by hand asks for no proof.
  consistency: 'fuzzy',
  server: () => servers().lite,
  shapes: LITE_SHAPES,
  left: [],
  allowed: (_, dump) => dump,
});

/** AUTO_IDS_PLAIN: Milvus 2.3.5 refuses given keys for a collection with auto ids. */
const withoutAutoIds = (dump: Dump): Dump => ({
  ...dump,
  autoId: false,
  fields: dump.fields.map((field) => Object.fromEntries(Object.entries(field).filter(([key]) => key !== 'auto_id'))),
});
