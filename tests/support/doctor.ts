import path from 'node:path';
import { initRepository } from '@milvault/repository';
import { systemClock } from '@milvault/shared';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './folder.ts';
import { httpSink } from './http-sink.ts';
import { takeBackup } from './repository.ts';
import { servers } from './servers.ts';
import { smtpSink } from './smtp-sink.ts';

export type Json = Record<string, unknown>;

/** A set-up in which all is well, as a configuration file tells it. */
export interface SetUp extends Json {
  redis: string;
  sources: [Json];
  repositories: [Json];
  plans: [Json];
  channels: [Json, Json];
}

export type SetUpInFolder = SetUp & { readonly folder: string };

/** A repository with a backup, a mail server that knows a password, a chat: all of it goes with the running test. */
export async function setUpThatIsWell(redis: string, collection: string): Promise<SetUpInFolder> {
  const folder = await temporaryFolder();
  const place = path.join(folder, 'repository');
  await takeBackup(await initRepository(place, { clock: systemClock }), { plan: 'nightly' });
  const mail = await smtpSink({
    onAuth: ({ password }, _session, done) =>
      password === 'right' ? done(null, { user: 'backup' }) : done(new Error('535 the password is wrong')),
  });
  const chat = await httpSink((response) => response.end('ok'));
  onTestFinished(async () => {
    await mail.close();
    await chat.close();
  });
  return {
    folder,
    redis,
    sources: [{ name: 'milvus', address: servers().milvus }],
    repositories: [{ name: 'main', place }],
    plans: [
      {
        name: 'nightly',
        source: 'milvus',
        repository: 'main',
        collections: [collection],
        full: '0 2 * * 0',
        drill: '0 5 * * 0',
      },
    ],
    channels: [
      {
        kind: 'email',
        name: 'mail',
        host: '127.0.0.1',
        port: mail.port,
        from: 'backup@example.org',
        to: ['ops@example.org'],
        user: 'backup',
        password: 'right',
      },
      { kind: 'slack', name: 'chat', webhook: `http://127.0.0.1:${String(chat.port)}/services/T/B/x` },
    ],
  };
}
