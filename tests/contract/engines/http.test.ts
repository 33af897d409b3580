import { createHttpEngine } from '@milvault/engines';
import { expect } from 'vitest';
import { openStage } from '../../support/api-stage.ts';
import { addressOf, engineDeps } from '../../support/engine-run.ts';
import { servers } from '../../support/servers.ts';
import { engineBattery } from '../engine.ts';
import { LITE_SHAPES } from './shapes-served.ts';

engineBattery('http by a tool with the contract (milvault, as the other end)', {
  engine: () => createHttpEngine(engineDeps),
  consistency: 'fuzzy',
  server: () => servers().lite,
  open: async () => {
    const stage = await openStage();
    const url = await stage.listen();
    await stage.worker();
    const body = JSON.stringify({ repository: 'main' });
    const headers = { 'content-type': 'application/json' };
    const made = await fetch(`${url}/api/v1/repositories`, { method: 'POST', body, headers });
    expect(made.status).toBe(201);
    return { source: { ...addressOf(servers().lite), tool: `${url}/api/v1` }, close: () => stage.close() };
  },
  shapes: LITE_SHAPES,
  left: [],
  keeper: 'the tool at',
  // It has engines of its own, which `auto` takes instead.
  serves: expect.stringContaining('milvault itself') as string,
  restores: false,
  allowed: (_, dump) => dump,
});
