/** Ed25519 after RFC 8032, and stricter: see the threat model on keys of small order. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { bytesToHex, checkInMessage, hexToBytes } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import { CHECK_IN, ORDER, PRIME, RFC_8032 } from '../../../test/vectors/ed25519.ts';
import { isSignedBy } from '../src/auth/device-signature.ts';
import { handMadeIdentity } from './hand-made-identity.ts';

/** 32 bytes, little-endian. */
const bytesOf = (value: bigint): Uint8Array =>
  hexToBytes(value.toString(16).padStart(64, '0')).reverse() as Uint8Array;
const SIGN_OF_X = 1n << 255n;

describe('the signature of a device', () => {
  test.each(RFC_8032)('is accepted as in RFC 8032: $publicKey', ({ publicKey, message, signature }) => {
    const claim = { message: hexToBytes(message), signature: hexToBytes(signature) };
    expect(isSignedBy(hexToBytes(publicKey), claim)).toBe(true);
    expect(isSignedBy(hexToBytes(publicKey), { ...claim, message: Uint8Array.of(1, 2, 3) })).toBe(false);
    for (let byte = 0; byte < 64; byte += 1) {
      const changed = hexToBytes(signature);
      changed[byte]! ^= 1;
      expect(isSignedBy(hexToBytes(publicKey), { ...claim, signature: changed })).toBe(false);
    }
  });

  test('is checked without a change to the key, also when that is a Buffer', () => {
    const key = Buffer.alloc(32, 0xfe);
    isSignedBy(key, { message: new Uint8Array(0), signature: new Uint8Array(64) });
    expect(key).toEqual(Buffer.alloc(32, 0xfe));
  });

  test('[W-6] of a check-in is the one in the protocol', () => {
    const message = checkInMessage(CHECK_IN.claims as never);
    expect(bytesToHex(message)).toBe(CHECK_IN.message);
    const claim = { message, signature: hexToBytes(CHECK_IN.signature) };
    expect(isSignedBy(hexToBytes(CHECK_IN.claims.publicKey), claim)).toBe(true);
  });

  test('has one form only: S and S + L are not both accepted', () => {
    const [{ publicKey, message, signature }] = RFC_8032;
    const s = BigInt(`0x${bytesToHex(hexToBytes(signature.slice(64)).reverse() as Uint8Array)}`);
    const malleated = Uint8Array.of(...hexToBytes(signature.slice(0, 64)), ...bytesOf(s + ORDER));
    expect(isSignedBy(hexToBytes(publicKey), { message: hexToBytes(message), signature: malleated })).toBe(
      false,
    );
  });

  // S = 0 and R = A of order 1 verifies for every message: 0 B = R + k A holds for the neutral element.
  test.each([
    ['the neutral element', 1n],
    ['order 2', PRIME - 1n],
    ['order 4', 0n],
    ['order 4, other sign', SIGN_OF_X],
    ['order 8', bytesToInteger('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')],
    [
      'order 8, other sign',
      bytesToInteger('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'),
    ],
    ['order 8, other y', bytesToInteger('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')],
    ['the neutral element, not canonical', PRIME + 1n],
    ['order 4, not canonical', PRIME],
    ['order 2, with a sign that it cannot have', PRIME - 1n + SIGN_OF_X],
  ])('is refused under a key of %s', (_, key) => {
    const publicKey = bytesOf(key);
    for (const r of [bytesOf(1n), publicKey])
      for (let message = 0; message < 16; message += 1) {
        const signature = Uint8Array.of(...r, ...bytesOf(0n));
        expect(isSignedBy(publicKey, { message: Uint8Array.of(message), signature })).toBe(false);
      }
  });

  test('is refused under what is no key: not on the curve, or of another length', () => {
    const message = Uint8Array.of(1);
    const signature = new Uint8Array(64);
    for (let y = 2n; y < 40n; y += 1n) expect(isSignedBy(bytesOf(y), { message, signature })).toBe(false);
    for (const length of [0, 31, 33])
      expect(isSignedBy(new Uint8Array(length), { message, signature })).toBe(false);
    const { publicKey } = handMadeIdentity('one');
    for (const length of [0, 63, 65])
      expect(isSignedBy(hexToBytes(publicKey), { message, signature: new Uint8Array(length) })).toBe(false);
  });

  test('is the same one that node:crypto makes', () => {
    const pair = generateKeyPairSync('ed25519');
    const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const message = Uint8Array.of(7);
    expect(isSignedBy(raw, { message, signature: sign(null, message, pair.privateKey) })).toBe(true);
  });
});

function bytesToInteger(littleEndian: string): bigint {
  return BigInt(`0x${bytesToHex(hexToBytes(littleEndian).reverse() as Uint8Array)}`);
}
