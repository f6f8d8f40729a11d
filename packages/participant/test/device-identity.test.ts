/** Ed25519 after RFC 8032, in both forms that a device key can have. */
import { bytesToHex, checkInMessage, deriveClientId, hexToBytes, type RunId } from '@tributary/fl-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CHECK_IN, RFC_8032 } from '../../../test/vectors/ed25519.ts';
import { createDeviceKey, type DeviceKey, signWith } from '../src/identity/device-key.ts';
import {
  createMemoryStorage,
  createPlainDeviceKey,
  openDeviceIdentity,
  verifySignature,
} from '../src/index.ts';

afterEach(() => vi.unstubAllGlobals());

/** The platform's own key from a known secret, which only a test has. */
async function nativeKey(secret: string, publicKey: string): Promise<DeviceKey> {
  const pkcs8 = hexToBytes(`302e020100300506032b657004220420${secret}`);
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8 as BufferSource, 'Ed25519', false, [
    'sign',
  ]);
  return { kind: 'webcrypto', publicKey: hexToBytes(publicKey), privateKey };
}

describe('a device key', () => {
  it.each(RFC_8032)('signs as RFC 8032 does, in both forms: $publicKey', async (vector) => {
    const message = hexToBytes(vector.message);
    const plain = await createPlainDeviceKey(hexToBytes(vector.secret));
    expect(bytesToHex(plain.publicKey)).toBe(vector.publicKey);
    for (const key of [plain, await nativeKey(vector.secret, vector.publicKey)]) {
      const signature = await signWith(key, message);
      expect(bytesToHex(signature)).toBe(vector.signature);
      expect(await verifySignature({ publicKey: key.publicKey, message, signature })).toBe(true);
      const other = await verifySignature({
        publicKey: key.publicKey,
        message: new Uint8Array(9),
        signature,
      });
      expect(other).toBe(false);
    }
  });

  it('cannot be read by the page, where the platform keeps such keys', async () => {
    const key = await createDeviceKey();
    if (key.kind !== 'webcrypto') throw new Error('this platform has Ed25519');
    expect(key.privateKey.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('pkcs8', key.privateKey)).rejects.toThrow();
  });

  it('is made in plain code where a page has no WebCrypto, and signs the same', async () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    const storage = createMemoryStorage();
    const identity = await openDeviceIdentity(storage);
    expect(await storage.deviceKey(createDeviceKey)).toMatchObject({ kind: 'plain' });
    const message = Uint8Array.of(1);
    const signature = await identity.sign(message);
    expect(await verifySignature({ publicKey: hexToBytes(identity.publicKey), message, signature })).toBe(
      true,
    );
  });
});

describe('what a check-in signs', () => {
  const claims = {
    ...CHECK_IN.claims,
    runId: CHECK_IN.claims.runId as RunId,
    publicKey: RFC_8032[0].publicKey as never,
  };

  it('[W-6] is byte for byte what the protocol says', async () => {
    const message = checkInMessage(claims);
    expect(bytesToHex(message)).toBe(CHECK_IN.message);
    const key = await createPlainDeviceKey(hexToBytes(RFC_8032[0].secret));
    expect(bytesToHex(await signWith(key, message))).toBe(CHECK_IN.signature);
    expect(deriveClientId(claims.publicKey)).toBe(CHECK_IN.clientId);
  });

  it.each([
    { protocol: 2 },
    { nonce: 'ff'.repeat(32) },
    { ticket: 'another.admission.ticket' },
    { runId: 'run-3f9ac2d2' as RunId },
    { publicKey: RFC_8032[1].publicKey as never },
  ])('[W-6] differs with %o', (change) => {
    expect(checkInMessage({ ...claims, ...change })).not.toEqual(checkInMessage(claims));
  });
});
