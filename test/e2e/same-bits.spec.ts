/** The secure path is integers and correctly rounded operations: a browser and Node give the same bits. */
import { expect, test } from '@playwright/test';
import { openNodeCrypto } from '../../apps/coordinator/src/secure-sum/node-crypto.ts';
import { frozenCodes } from '../vectors/compression.ts';
import { bundledScript } from './fixtures/bundled-script.ts';
import { digests } from './numerics/digests.ts';
import type { madeCodes } from './numerics/frozen-codes.ts';
import * as large from './numerics/large-codes.ts';
import type * as whole from './secure-sum/whole-session.ts';
import { wholeSession } from './secure-sum/whole-session.ts';

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

test('every code of updates and models has its frozen bytes in a browser', async ({ page }) => {
  const script = await bundledScript(new URL('./numerics/frozen-codes.ts', import.meta.url), 'codes');
  await page.addScriptTag({ content: script });
  const codes = await page.evaluate(() =>
    (globalThis as unknown as { codes: { madeCodes: typeof madeCodes } }).codes.madeCodes(),
  );
  for (const { title, expected, made } of codes) expect(made, title).toEqual(expected);
  expect(codes.length).toBe(frozenCodes().length);
});

test('codes of large updates are the same bits in a browser and in Node, with kernels and without', async ({
  page,
}) => {
  const script = await bundledScript(new URL('./numerics/large-codes.ts', import.meta.url), 'codes');
  await page.addScriptTag({ content: script });
  const inBrowser = await page.evaluate(() => {
    const { codes } = globalThis as unknown as { codes: typeof large };
    return { codes: codes.largeCodes(), kernels: codes.linearKernels() };
  });
  expect(inBrowser).toEqual({ codes: large.largeCodes(), kernels: large.linearKernels() });
  expect(new Set(Object.values(inBrowser.codes)).size).toBe(Object.keys(inBrowser.codes).length);
  for (const [name, { plain, kernels }] of Object.entries(inBrowser.kernels))
    expect(kernels, name).toBe(plain);
});

test('a whole secure sum is the same messages and the same sum in a browser and in Node, a drop-out included', async ({
  page,
}) => {
  const script = await bundledScript(new URL('./secure-sum/whole-session.ts', import.meta.url), 'secureSum');
  // WebCrypto is for pages of secure addresses.
  await page.route('http://localhost/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  );
  await page.goto('http://localhost/');
  await page.addScriptTag({ content: script });
  const inBrowser = await page.evaluate(() =>
    (globalThis as unknown as { secureSum: typeof whole }).secureSum.wholeSessionHere(),
  );
  expect(inBrowser).toEqual(await wholeSession(openNodeCrypto()));
  expect(inBrowser.isExact).toBe(true);
  expect(new Set(inBrowser.sent).size).toBe(inBrowser.sent.length);
});
