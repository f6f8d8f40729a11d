import { afterEach, describe, expect, test, vi } from 'vitest';
import { secAggCryptoContract } from '../../privacy/test/secagg-crypto.contract.ts';
import { openWebCrypto } from '../src/secure-sum/web-crypto.ts';

afterEach(() => vi.unstubAllGlobals());

secAggCryptoContract('WebCrypto', openWebCrypto);

describe('a browser', () => {
  /** WebCrypto with `importKey` refusing these algorithms, as browsers do that do not know them. */
  const lacking = (...names: string[]) => {
    const { subtle } = crypto;
    const importKey = (
      format: 'raw',
      key: BufferSource,
      algorithm: string,
      ...rest: [boolean, KeyUsage[]]
    ) =>
      names.includes(algorithm)
        ? Promise.reject(new DOMException('unrecognised name', 'NotSupportedError'))
        : subtle.importKey(format, key, algorithm, ...rest);
    const own = { importKey, encrypt: subtle.encrypt.bind(subtle), decrypt: subtle.decrypt.bind(subtle) };
    return { getRandomValues: crypto.getRandomValues.bind(crypto), subtle: own };
  };
  const withCrypto = (replaced: object) => async () => {
    vi.stubGlobal('crypto', replaced);
    return openWebCrypto();
  };

  secAggCryptoContract('without X25519 and Ed25519', withCrypto(lacking('X25519', 'Ed25519')));
  secAggCryptoContract(
    'over plain HTTP',
    withCrypto({ getRandomValues: crypto.getRandomValues.bind(crypto), subtle: undefined }),
  );

  test('that knows them is asked for nothing else', async () => {
    vi.doMock('@tributary/privacy/plain-crypto', () => {
      throw new Error('loaded');
    });
    const webCrypto = await openWebCrypto();
    await expect(webCrypto.x25519PublicKey(new Uint8Array(32))).resolves.toHaveLength(32);
    vi.doUnmock('@tributary/privacy/plain-crypto');
  });
});
