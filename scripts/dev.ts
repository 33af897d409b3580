/** `npm run dev`: API and worker from their source, started again at each change, with what `npm start` brings. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT, WITHOUT_OURS } from './parts/paths.ts';
import { bringServers, openPlace } from './start/bring.ts';
import { runAndRelease } from './start/main.ts';
import { createSay } from './start/say.ts';
import { choosePort, type Overlay } from './start/servers.ts';
import { aborted } from './start/stop-signal.ts';

const watch = (app: string, env: Overlay): ChildProcess =>
  spawn(process.execPath, [join(ROOT, 'node_modules', 'tsx', 'dist', 'cli.mjs'), 'watch', `apps/${app}/src/main.ts`], {
    cwd: ROOT,
    env: { ...process.env, ...WITHOUT_OURS, ...env },
    // Not the terminal's input, which the two would fight for.
    stdio: ['ignore', 'inherit', 'inherit'],
  });

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

await runAndRelease(async (signal, releases) => {
  const place = await openPlace(
    createSay((text) => process.stdout.write(text)),
    releases,
  );
  const port = String(await choosePort(place));
  const env = { ...(await bringServers(place)), MILVAULT_PORT: port };
  for (const app of ['api', 'worker']) {
    const child = watch(app, env);
    releases.add(app, () => end(child));
  }
  await aborted(signal);
});
