/** What is masked in a browser is unmasked in Node: quantised updates and their sums are the same bits in both. */
import { expect, test } from '@playwright/test';
import { bundledScript } from './fixtures/bundled-script.ts';
import { ringSums } from './numerics/ring-sums.ts';

test('quantised updates and sums modulo 2^b are the same bits in a browser, in Node, and without WebAssembly', async ({
  page,
}) => {
  const script = await bundledScript(new URL('./numerics/ring-sums.ts', import.meta.url), 'numerics');
  await page.addScriptTag({ content: script });
  const inBrowser = await page.evaluate(() =>
    (globalThis as unknown as { numerics: { ringSums: typeof ringSums } }).numerics.ringSums(),
  );
  expect(inBrowser).toEqual(ringSums());
  const digests = Object.values(inBrowser.digests);
  expect(digests.length).toBe(12);
  for (const { plain, kernels } of digests) expect(kernels).toBe(plain);
});
