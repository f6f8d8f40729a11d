/** The secure path is integers and correctly rounded operations: a browser and Node give the same bits. */
import { expect, test } from '@playwright/test';
import { bundledScript } from './fixtures/bundled-script.ts';
import { digests } from './numerics/digests.ts';

test('models, updates, cohorts and generated data are bit-identical in a browser and in Node', async ({
  page,
}) => {
  const script = await bundledScript(new URL('./numerics/digests.ts', import.meta.url), 'numerics');
  await page.addScriptTag({ content: script });
  const inBrowser = await page.evaluate(() =>
    (globalThis as unknown as { numerics: { digests: typeof digests } }).numerics.digests(),
  );
  const inNode = digests();
  expect(inBrowser).toEqual(inNode);
  expect(inNode['next model']).toBe(inNode['next model, other order']);
  expect(new Set(Object.values(inNode)).size).toBe(Object.keys(inNode).length - 1);
});
