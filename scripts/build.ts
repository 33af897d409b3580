/** `npm run build`: each app becomes one file, `apps/<app>/dist/main.js`, and the admin page `apps/web/dist`. */
import { buildApps } from './build/apps.ts';

const start = performance.now();
const apps = await buildApps();
console.log(`built ${apps.join(', ')} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
