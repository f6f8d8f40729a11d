/** Speeds in a worker of a real Chromium. */
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import type { BenchmarkRow } from '../benchmark.ts';
import { openBuiltPage } from '../built-page.ts';
import type { SpeedPage } from './page/main.ts';

/** Seen from `dist/compression`. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

export async function browserSpeeds(repeats: number): Promise<BenchmarkRow[]> {
  const built = await openBuiltPage({ root: ROOT, config: 'benchmarks/compression/page/vite.config.ts' });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    // Isolated pages have the finer clock.
    await page.goto(built.isolatedUrl);
    await page.waitForFunction(() => 'speedPage' in globalThis);
    return await page.evaluate(
      (options) => (globalThis as unknown as { speedPage: SpeedPage }).speedPage.measure(options),
      { runtime: `Chromium ${browser.version()}, worker`, repeats },
    );
  } finally {
    await browser.close();
    built.close();
  }
}
