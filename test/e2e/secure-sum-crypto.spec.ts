/** Masks cancel only if everybody has the same bits: browsers with and without WebCrypto, and the coordinator. */
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { plainCrypto } from '@tributary/privacy/plain-crypto';
import { build, type Rollup } from 'vite';
import { openNodeCrypto } from '../../apps/coordinator/src/secure-sum/node-crypto.ts';
import type * as digests from './secure-sum/crypto-digests.ts';
import { cryptoDigests } from './secure-sum/crypto-digests.ts';

/** Browsers trust this machine as they trust TLS; of an address of a local network they do not. */
const TRUSTED = 'http://127.0.0.1/';
const UNTRUSTED = 'http://192.0.2.1/';

let script: string;
test.beforeAll(async () => {
  const bundled = (await build({
    logLevel: 'warn',
    configFile: false,
    resolve: { conditions: ['source'] },
    build: {
      write: false,
      minify: false,
      lib: {
        entry: fileURLToPath(new URL('./secure-sum/crypto-digests.ts', import.meta.url)),
        formats: ['iife'],
        name: 'secureSum',
      },
    },
  })) as Rollup.RollupOutput[];
  script = bundled[0]!.output[0].code;
});

async function digestsIn(page: Page, url: string, before?: () => void) {
  await page.route(`${url}**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  );
  await page.goto(url);
  if (before) await page.evaluate(before);
  await page.addScriptTag({ content: script });
  return page.evaluate(() =>
    (globalThis as unknown as { secureSum: typeof digests }).secureSum.digestsHere(),
  );
}

test('keys, sealed shares, signatures and masks are the same in browsers, in Node and in plain code', async ({
  page,
  context,
}) => {
  const plain = await cryptoDigests(plainCrypto((length) => new Uint8Array(length)));
  expect(plain['a million bytes of it']).toBe(plain['the same in chunks']);
  expect(await cryptoDigests(openNodeCrypto())).toEqual(plain);

  expect(await digestsIn(page, TRUSTED)).toEqual(plain);

  const bare = await context.newPage();
  const withoutCurves = () => {
    const { subtle } = crypto;
    const importKey = subtle.importKey.bind(subtle) as (...given: unknown[]) => Promise<CryptoKey>;
    subtle.importKey = (...given: unknown[]) =>
      ['X25519', 'Ed25519'].includes(String(given[2]))
        ? Promise.reject(new DOMException('unrecognised name', 'NotSupportedError'))
        : importKey(...given);
  };
  expect(await digestsIn(bare, TRUSTED, withoutCurves)).toEqual(plain);

  const untrusted = await context.newPage();
  expect(await digestsIn(untrusted, UNTRUSTED)).toEqual(plain);
  expect(await untrusted.evaluate(() => globalThis.isSecureContext)).toBe(false);
});
