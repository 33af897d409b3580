import { importingEngine, milvusWithStorage } from '../../support/segments.ts';
import { servers } from '../../support/servers.ts';
import { engineBattery } from '../engine.ts';
import { EVERYWHERE } from './shapes-served.ts';

engineBattery('segments on Milvus 2.3.5', {
  engine: importingEngine,
  consistency: 'pinned',
  server: () => servers().milvus,
  open: () => Promise.resolve({ source: milvusWithStorage(), close: () => Promise.resolve() }),
  shapes: [...EVERYWHERE, 'auto_text_ids', 'binary', 'float16'],
  // Its rows are saved and restored, but no query of this server gives the one with the largest key.
  left: ['int_max'],
  allowed: (_, dump) => dump,
});
