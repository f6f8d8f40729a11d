/** What every implementation of SecAggCrypto does, held to published values. */

import { describe, expect, test } from 'vitest';
import { GCM, KEY_STREAMS } from '../../../test/vectors/aes-256.ts';
import { RFC_8032 } from '../../../test/vectors/ed25519.ts';
import { ALICE_AND_BOB, ITERATED, LOW_ORDER, RFC_7748 } from '../../../test/vectors/x25519.ts';
import type { SecAggCrypto } from '../src/secagg/ports.ts';
import { seededBytes } from './seeded-bytes.ts';
import { slowKeyStream } from './slow-derivations.ts';

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hexOf = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex');

export function secAggCryptoContract(name: string, open: () => Promise<SecAggCrypto>): void {
  describe(`${name} agrees on keys`, () => {
    test.each(RFC_7748)('as in RFC 7748, section 5.2: $secret', async ({ privateKey, publicKey, secret }) => {
      const crypto = await open();
      expect(hexOf(await crypto.x25519(bytesOf(privateKey), bytesOf(publicKey)))).toBe(secret);
    });

    test('as in RFC 7748, section 6.1, both at once', async () => {
      const crypto = await open();
      const { alice, bob, secret } = ALICE_AND_BOB;
      const agreed = await Promise.all([
        crypto.x25519(bytesOf(alice.privateKey), bytesOf(bob.publicKey)),
        crypto.x25519(bytesOf(bob.privateKey), bytesOf(alice.publicKey)),
      ]);
      expect(agreed.map(hexOf)).toEqual([secret, secret]);
      for (const { privateKey, publicKey } of [alice, bob])
        expect(hexOf(await crypto.x25519PublicKey(bytesOf(privateKey)))).toBe(publicKey);
    });

    test('with the right key also when its bytes lie where another key lay', async () => {
      const crypto = await open();
      const place = bytesOf(ALICE_AND_BOB.alice.privateKey);
      await crypto.x25519PublicKey(place);
      place.set(bytesOf(ALICE_AND_BOB.bob.privateKey));
      expect(hexOf(await crypto.x25519PublicKey(place))).toBe(ALICE_AND_BOB.bob.publicKey);
    });

    test('over and over, as RFC 7748 iterates it', async () => {
      const crypto = await open();
      let k = bytesOf(`09${'00'.repeat(31)}`);
      let u = k;
      for (let time = 1; time <= 50; time += 1) {
        const next = (await crypto.x25519(k, u))!;
        u = k;
        k = next;
        if (time === 1) expect(hexOf(k)).toBe(ITERATED[1]);
      }
      expect(hexOf(k)).toBe(ITERATED[50]);
    });

    test.each(LOW_ORDER)('[K-5] but not with a public key of low order: %s', async (publicKey) => {
      const crypto = await open();
      const privateKey = bytesOf(ALICE_AND_BOB.alice.privateKey);
      const highBit = bytesOf(publicKey);
      highBit[31]! |= 0x80;
      expect(await crypto.x25519(privateKey, bytesOf(publicKey))).toBeNull();
      expect(await crypto.x25519(privateKey, highBit)).toBeNull();
    });

    test('but not with keys of another length', async () => {
      const crypto = await open();
      const key = bytesOf(ALICE_AND_BOB.alice.privateKey);
      for (const length of [0, 31, 33]) {
        await expect(crypto.x25519(key, new Uint8Array(length))).rejects.toThrow();
        await expect(crypto.x25519(new Uint8Array(length).fill(1), key)).rejects.toThrow();
        await expect(crypto.x25519PublicKey(new Uint8Array(length).fill(1))).rejects.toThrow();
      }
    });
  });

  describe(`${name} seals`, () => {
    const hexes = GCM.map((vector, i) => ({ ...vector, i }));
    test.each(hexes)(
      'as in vector $i of GCM, and opens again',
      async ({ key, nonce, context, bytes, sealed }) => {
        const crypto = await open();
        const sealing = { nonce: bytesOf(nonce), context: bytesOf(context) };
        expect(hexOf(await crypto.seal(bytesOf(key), { ...sealing, bytes: bytesOf(bytes) }))).toBe(sealed);
        expect(hexOf(await crypto.open(bytesOf(key), { ...sealing, bytes: bytesOf(sealed) }))).toBe(bytes);
      },
    );

    test('and opens nothing in which a byte of key, nonce, context, ciphertext or tag is another', async () => {
      const crypto = await open();
      const vector = GCM[2];
      const parts = ['key', 'nonce', 'context', 'sealed'] as const;
      for (const part of parts) {
        const length = vector[part].length / 2;
        for (const at of [0, length >> 1, length - 16, length - 1].filter((place) => place >= 0)) {
          const read = (name: (typeof parts)[number]) => {
            const bytes = bytesOf(vector[name]);
            if (name === part) bytes[at]! ^= 1;
            return bytes;
          };
          const sealing = { nonce: read('nonce'), context: read('context'), bytes: read('sealed') };
          expect(await crypto.open(read('key'), sealing)).toBeNull();
        }
      }
    });

    test('and opens nothing that is cut off, longer, or shorter than a tag', async () => {
      const crypto = await open();
      const [{ key, nonce, context, sealed }] = [GCM[2]];
      const whole = bytesOf(sealed);
      for (const bytes of [
        whole.slice(0, -1),
        whole.slice(0, 15),
        new Uint8Array(),
        Uint8Array.of(...whole, 0),
      ]) {
        const sealing = { nonce: bytesOf(nonce), context: bytesOf(context), bytes };
        expect(await crypto.open(bytesOf(key), sealing)).toBeNull();
      }
    });
  });

  describe(`${name} verifies`, () => {
    test.each(RFC_8032)('as in RFC 8032: $publicKey', async ({ publicKey, message, signature }) => {
      const crypto = await open();
      const [key, text] = [bytesOf(publicKey), bytesOf(message)];
      expect(await crypto.verify(key, text, bytesOf(signature))).toBe(true);
      expect(await crypto.verify(key, Uint8Array.of(1, 2, 3), bytesOf(signature))).toBe(false);
      for (const byte of [0, 31, 32, 63]) {
        const changed = bytesOf(signature);
        changed[byte]! ^= 1;
        expect(await crypto.verify(key, text, changed)).toBe(false);
      }
    });

    test('[K-5] nothing under a key of small order, under which one signature passes for every message', async () => {
      const crypto = await open();
      const neutral = bytesOf(`01${'00'.repeat(31)}`);
      // S = 0 and R = A, both the neutral element: S B = R + k A whatever is signed.
      const signature = Uint8Array.of(...neutral, ...new Uint8Array(32));
      expect(await crypto.verify(neutral, Uint8Array.of(1), signature)).toBe(false);
    });

    test('nothing under what is no key, and no signature of another length', async () => {
      const crypto = await open();
      const [{ publicKey, message, signature }] = RFC_8032;
      const isSigned = (key: Uint8Array, sig: Uint8Array) => crypto.verify(key, bytesOf(message), sig);
      // y = 2 is on no point of the curve.
      expect(await isSigned(bytesOf(`02${'00'.repeat(31)}`), bytesOf(signature))).toBe(false);
      for (const length of [0, 31, 33])
        expect(await isSigned(new Uint8Array(length), bytesOf(signature))).toBe(false);
      for (const length of [0, 63, 65])
        expect(await isSigned(bytesOf(publicKey), new Uint8Array(length))).toBe(false);
    });
  });

  describe(`${name} streams masks`, () => {
    test.each(KEY_STREAMS)('with the published block $block of $key', async ({ key, block, stream }) => {
      const crypto = await open();
      expect(hexOf(await (await crypto.maskStream(bytesOf(key))).read(16 * block, 16))).toBe(stream);
    });

    test('[K-3] that are one stream, in chunks of any size, in any order, at the same time, and again', async () => {
      const crypto = await open();
      const key = seededBytes('mask key')(32);
      const whole = slowKeyStream(key, 0n, 3_001);
      const stream = await crypto.maskStream(key);
      const expected = (offset: number, length: number) =>
        Uint8Array.from(whole.subarray(offset, offset + length));
      const reads = [
        [0, 16],
        [16, 32],
        [48, 1],
        [48, 1_000],
        [1_040, 1_961],
        [0, 3_001],
        [160, 7],
        [160, 0],
        [0, 3_000],
      ] as const;
      for (const [offset, length] of reads)
        expect(await stream.read(offset, length)).toEqual(expected(offset, length));
      const together = await Promise.all(reads.map(([offset, length]) => stream.read(offset, length)));
      expect(together).toEqual(reads.map(([offset, length]) => expected(offset, length)));
    });

    test('far beyond 2^32 blocks: the counter has 64 bits', async () => {
      const crypto = await open();
      const key = seededBytes('far')(32);
      const stream = await crypto.maskStream(key);
      for (const block of [2 ** 32 - 1, 2 ** 32, 2 ** 48])
        expect(hexOf(await stream.read(16 * block, 33))).toBe(hexOf(slowKeyStream(key, BigInt(block), 33)));
    });

    test('and keeps the key it was given, when its bytes are erased', async () => {
      const crypto = await open();
      const key = seededBytes('erased')(32);
      const expected = hexOf(slowKeyStream(key, 0n, 64));
      const stream = await crypto.maskStream(key);
      key.fill(0);
      expect(hexOf(await stream.read(16, 16))).toBe(expected?.slice(32, 64));
      expect(hexOf(await stream.read(0, 64))).toBe(expected);
    });

    test('and not from within a block', async () => {
      const crypto = await open();
      const stream = await crypto.maskStream(new Uint8Array(32));
      for (const offset of [1, 8, -16, 0.5])
        await expect((async () => stream.read(offset, 16))()).rejects.toThrow(RangeError);
    });
  });

  test(`${name} draws bytes that differ each time`, async () => {
    const crypto = await open();
    const drawn = Array.from({ length: 20 }, () => crypto.randomBytes(32));
    expect(new Set(drawn.map(hexOf)).size).toBe(20);
    expect(drawn.every(({ length }) => length === 32)).toBe(true);
    // Of 255 shares with the highest threshold.
    expect(crypto.randomBytes(254 * 32).length).toBe(254 * 32);
    expect(crypto.randomBytes(0).length).toBe(0);
  });
}
