import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { AxeResults } from 'axe-core';
import { buildPage } from '../../scripts/build/page.ts';
import { ROOT } from '../../scripts/parts/paths.ts';
import { openBrowser, type Browser } from './browser.ts';

/** Kept as build output, to be looked at: not in the temporary folder, which must be empty in the end. */
const SHOTS = path.join(ROOT, '.milvault', 'screenshots');
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const SIZES = {
  phone: { width: 390, height: 844 },
  tablet: { width: 834, height: 1112 },
  wide: { width: 1600, height: 1000 },
} as const;
export type Size = keyof typeof SIZES;

export interface Look {
  readonly size?: Size;
  readonly scheme?: 'light' | 'dark';
  readonly language?: 'en' | 'zh';
}

/** The built admin page in a real browser. */
export interface PageUnderTest extends Browser {
  /** Opens an address and waits until nothing is being read any more. */
  open(address: string, look?: Look): Promise<void>;
  /** What axe-core finds wrong, as sentences with the place. */
  violations(): Promise<string[]>;
  shoot(name: string): Promise<void>;
  /** Texts that are wider than the window, or null where everything fits. */
  overflow(): Promise<string | null>;
}

export const builtPage = async (): Promise<void> => buildPage();

export async function openPage(url: string): Promise<PageUnderTest> {
  const browser = await openBrowser();
  const { page } = browser;
  await mkdir(SHOTS, { recursive: true });
  return {
    ...browser,
    open: async (address, { size = 'wide', scheme = 'light', language = 'en' } = {}) => {
      await page.setViewportSize(SIZES[size]);
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.goto(`${url}${address}`);
      if ((await page.evaluate(chooseLanguage(language))) !== language) await page.reload();
      await settled(browser);
    },
    violations: async () => {
      // Not as a script of the page: its content security policy would refuse that, as it should.
      await page.evaluate(await readFile(AXE, 'utf8'));
      const found = await page.evaluate<AxeResults>('axe.run()');
      return found.violations.flatMap(({ id, help, nodes }) =>
        nodes.map(
          ({ target, any }) => `${id}: ${help} at ${target.join(' ')} ${any.map(({ message }) => message).join('; ')}`,
        ),
      );
    },
    shoot: async (name) => {
      await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
    },
    overflow: () => page.evaluate<string | null>(OVERFLOW),
  };
}

/** Runs in the page, so it is text; gives the language that was chosen before. */
const chooseLanguage = (language: string): string => `(() => {
  const before = localStorage.getItem('milvault.language') ?? 'en';
  localStorage.setItem('milvault.language', '${language}');
  return before;
})()`;

const OVERFLOW = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth > clientWidth ? scrollWidth + ' of ' + clientWidth + ' pixels' : null;
})()`;

/** Headings are there and nothing says that it loads. The event stream never ends, so the network is never idle. */
async function settled({ page }: Browser): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('[role=status] .mantine-Skeleton-root').first().waitFor({ state: 'detached' });
}
