/** The secure path is integers and correctly rounded operations: a browser and Node give the same bits. */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { build, type Rollup } from 'vite';
import { digests } from './numerics/digests.ts';

test('models, updates, cohorts and generated data are bit-identical in a browser and in Node', async ({
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
        entry: fileURLToPath(new URL('./numerics/digests.ts', import.meta.url)),
        formats: ['iife'],
        name: 'numerics',
      },
    },
  })) as Rollup.RollupOutput[];
  await page.addScriptTag({ content: bundled[0]!.output[0].code });
  const inBrowser = await page.evaluate(() =>
    (globalThis as unknown as { numerics: { digests: typeof digests } }).numerics.digests(),
  );
  const inNode = digests();
  expect(inBrowser).toEqual(inNode);
  expect(inNode['next model']).toBe(inNode['next model, other order']);
  expect(new Set(Object.values(inNode)).size).toBe(Object.keys(inNode).length - 1);
});
