/** The key of a device in a real browser: made once, kept out of reach where that is possible, and good everywhere. */
import { createPublicKey, verify } from 'node:crypto';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { bundledScript } from './fixtures/bundled-script.ts';
import type * as device from './identity/device.ts';

const NONCE = '5a'.repeat(32);
/** Browsers trust this machine as they trust TLS; of an address of a local network they do not. */
const TRUSTED = 'http://127.0.0.1/';
const UNTRUSTED = 'http://192.0.2.1/';

let script: string;
test.beforeAll(async () => {
  script = await bundledScript(new URL('./identity/device.ts', import.meta.url), 'device');
});

async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.route(`${url}**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  );
  await page.goto(url);
  await page.addScriptTag({ content: script });
  return page;
}

const answer = (page: Page) =>
  page.evaluate(
    (nonce) => (globalThis as unknown as { device: typeof device }).device.answerChallenge(nonce),
    NONCE,
  );

function isSigned({ publicKey, message, signature }: Awaited<ReturnType<typeof answer>>): boolean {
  const spki = Buffer.from(`302a300506032b6570032100${publicKey}`, 'hex');
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(message, 'hex'), key, Buffer.from(signature, 'hex'));
}

test('two tabs that open at once get one key, which no script can read and a reload keeps', async ({
  context,
}) => {
  const tabs = await Promise.all([openPage(context, TRUSTED), openPage(context, TRUSTED)]);
  const answers = await Promise.all(tabs.map(answer));
  for (const each of answers) {
    expect(each).toMatchObject({ kind: 'webcrypto', isExtractable: false, isOwn: true });
    expect(isSigned(each)).toBe(true);
  }
  const again = await answer(await openPage(context, TRUSTED));
  expect(new Set([...answers, again].map(({ publicKey }) => publicKey)).size).toBe(1);

  await tabs[0].evaluate(() => (globalThis as unknown as { device: typeof device }).device.eraseStorage());
  expect((await answer(tabs[1])).publicKey).not.toBe(again.publicKey);
});

test('over plain HTTP, where a browser has no WebCrypto, the same check-in is signed in plain code', async ({
  context,
}) => {
  const page = await openPage(context, UNTRUSTED);
  expect(await page.evaluate(() => globalThis.isSecureContext)).toBe(false);
  const first = await answer(page);
  expect(first).toMatchObject({ kind: 'plain', isOwn: true });
  expect(isSigned(first)).toBe(true);
  const again = await answer(await openPage(context, UNTRUSTED));
  expect(again.publicKey).toBe(first.publicKey);
});
