/** `npm run build`: each app becomes one file, `apps/<app>/dist/main.js`. */
import { buildApps } from './build/apps.ts';

const start = performance.now();
const apps = await buildApps();
console.log(`built ${apps.join(', ')} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
