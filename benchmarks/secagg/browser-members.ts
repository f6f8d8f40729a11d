/** Members in a page of a real Chromium. */
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { openBuiltPage } from '../built-page.ts';
import type { Meter } from './cpu.ts';
import type { SumPage } from './page/main.ts';
import type { TimedMembers } from './timed-members.ts';

/** Seen from `dist/secagg`. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

type WithPage = { sumPage: SumPage };

export async function openBrowserMembers(): Promise<TimedMembers & { close(): Promise<void> }> {
  const built = await openBuiltPage({ root: ROOT, config: 'benchmarks/secagg/page/vite.config.ts' });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  const page = await browser.newPage();
  await page.goto(built.url);
  await page.waitForFunction(() => 'sumPage' in globalThis);
  const processes = await browser.newBrowserCDPSession();

  /** Of the renderers, all threads. */
  const cpuSeconds = async (): Promise<number> => {
    const { processInfo } = await processes.send('SystemInfo.getProcessInfo');
    return processInfo
      .filter(({ type }) => type === 'renderer')
      .reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  const meter: Meter = async (work) => {
    const before = await cpuSeconds();
    const result = await work();
    return { result, seconds: (await cpuSeconds()) - before };
  };
  return {
    runtime: `Chromium ${browser.version()}`,
    async open(of, member) {
      const { handle, identity } = await page.evaluate(
        ([what, index]) => (globalThis as unknown as WithPage).sumPage.open(what, index),
        [of, member] as const,
      );
      return {
        identity,
        work: (stage, heard) =>
          page.evaluate(
            ([whose, name, message]) =>
              (globalThis as unknown as WithPage).sumPage.answer(whose, name, message),
            [handle, stage, heard] as const,
          ),
        takeAnswer: () =>
          page.evaluate((whose) => (globalThis as unknown as WithPage).sumPage.take(whose), handle),
      };
    },
    meter,
    bareWork: {
      cipher: (chunks) =>
        page.evaluate((count) => (globalThis as unknown as WithPage).sumPage.cipher(count), chunks),
      copy: (vectors) =>
        page.evaluate((count) => (globalThis as unknown as WithPage).sumPage.copy(count), vectors),
    },
    async close() {
      await browser.close();
      built.close();
    },
  };
}
