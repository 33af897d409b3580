import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backup } from '@milvault/shared';
import { buildApp } from '../../../apps/api/src/app.ts';
import { BUILT_PAGE } from '../../../scripts/build/page.ts';
import { builtPage, openPage, type PageUnderTest } from '../../support/page.ts';
import { backup, bench, config } from '../../unit/api/parts.ts';

/** Names that other people gave, as they may come. */
const NAMES = [
  `"><img src=x onerror="document.title='pwned'">`,
  "<script>document.title='pwned'</script>",
  `it's "quoted" & <b>bold</b>`,
  '\u202Egnp.exe',
  'שלום_עולם',
  '电影_🎬_👩‍👩‍👧',
  'long_'.repeat(51),
];

let app: Awaited<ReturnType<typeof buildApp>>;
let under: PageUnderTest;
const backups: Backup[] = NAMES.map((name, place) =>
  backup({
    id: `01kaq8h5v0000000000000000${String(place)}`,
    name: `full_2026112${String(place)}_020000`,
    plan: name,
    committedAt: Date.now() - place * 3_600_000,
    repository: 'main',
    source: { id: '0'.repeat(26), address: name, serverVersion: name },
    collections: [{ database: 'default', collection: name, rows: 1, bytes: 1 }],
    warnings: [{ code: 'IDS_HIDDEN', message: name }],
    note: name,
  }),
);

beforeAll(async () => {
  await builtPage();
  const { parts } = bench({ page: BUILT_PAGE, config: { ...config(), plans: [] } }, backups);
  const incidents = NAMES.map((title, place) => ({
    incident: `run-failing/${String(place)}`,
    title,
    openedAt: 1,
    seenAt: 1,
    closedAt: null,
    told: 1,
  }));
  app = await buildApp({ ...parts, incidents: async () => ({ incidents, total: incidents.length }) });
  under = await openPage(await app.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(async () => {
  await under.close();
  await app.close();
});

test('names with tags, quotes, marks of direction, emoji and 255 characters are shown as text, on every width', async () => {
  const { page } = under;
  for (const size of ['phone', 'wide'] as const) {
    for (const path of ['/', '/backups', ...backups.map(({ id }) => `/backups/${id}`)]) {
      await under.open(path, { size });
      expect([path, size, await under.overflow()]).toEqual([path, size, null]);
      expect(await page.title()).not.toBe('pwned');
      expect(await page.locator('main img, main script, main b').count()).toBe(0);
    }
  }
  await under.open('/backups', { size: 'wide' });
  for (const name of NAMES) await page.getByRole('cell').getByText(name, { exact: true }).waitFor();
  await under.shoot('names-list');
  await under.open(`/backups/${backups[6]?.id ?? ''}`, { size: 'phone' });
  await under.shoot('names-phone');
});
