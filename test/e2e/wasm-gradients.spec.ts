/** Both builds of the kernels in a browser: right to seven digits, and the strict one bit for bit as in Node. */
import { expect, test } from '@playwright/test';
import { bundledScript } from './fixtures/bundled-script.ts';
import { wasmGradients } from './numerics/wasm-gradients.ts';

test('gradients on WebAssembly are those of the reference, and of the strict build the same bits as in Node', async ({
  page,
}) => {
  const script = await bundledScript(new URL('./numerics/wasm-gradients.ts', import.meta.url), 'numerics');
  await page.addScriptTag({ content: script });
  const inBrowser = await page.evaluate(() =>
    (globalThis as unknown as { numerics: { wasmGradients: typeof wasmGradients } }).numerics.wasmGradients(),
  );
  expect(inBrowser.fastest).toBe('relaxed');
  const distances = Object.entries(inBrowser.distances);
  expect(distances.length).toBeGreaterThan(20);
  for (const [name, { strict, fastest }] of distances) {
    expect.soft(strict, name).toBeLessThan(1e-5);
    expect.soft(fastest, name).toBeLessThan(1e-5);
  }
  // Fused multiplications round elsewhere: the relaxed build is another one.
  expect(distances.some(([, { strict, fastest }]) => strict !== fastest)).toBe(true);
  expect(inBrowser.digests).toEqual(wasmGradients().digests);
});
