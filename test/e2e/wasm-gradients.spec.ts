/** Both builds of the kernels in a browser: right to seven digits, and the strict one bit for bit as in Node. */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build, type Rollup } from 'vite';
import { wasmGradients } from './numerics/wasm-gradients.ts';

test('gradients on WebAssembly are those of the reference, and of the strict build the same bits as in Node', async ({
  page,
}) => {
  const bundled = (await build({
    logLevel: 'warn',
    configFile: false,
    resolve: { conditions: ['source'] },
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL('./numerics/wasm-gradients.ts', import.meta.url)),
        formats: ['iife'],
        name: 'numerics',
      },
    },
  })) as Rollup.RollupOutput[];
  await page.addScriptTag({ content: bundled[0]!.output[0].code });
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
