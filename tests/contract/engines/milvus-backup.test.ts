import { createMilvusBackupEngine } from '@milvault/engines';
import { addressOf, engineDeps } from '../../support/engine-run.ts';
import { officialServer } from '../../support/official-server.ts';
import { servers } from '../../support/servers.ts';
import { engineBattery } from '../engine.ts';
import { EVERYWHERE } from './shapes-served.ts';

engineBattery('milvus-backup on Milvus 2.3.5', {
  engine: () => createMilvusBackupEngine(engineDeps),
  consistency: 'fuzzy',
  server: () => servers().milvus,
  open: async () => {
    const { api, close } = await officialServer();
    return { source: { ...addressOf(servers().milvus), tool: api }, close };
  },
  shapes: [...EVERYWHERE, 'auto_text_ids', 'binary'],
  // The Import of this Milvus takes no half floats, and the server knows no other way to restore.
  left: ['int_max', 'float16'],
  keeper: 'the milvus-backup server at',
  // TOOL_LEAVES_OUT
  allowed: (_, dump) => ({ ...dump, aliases: [], properties: {} }),
});
