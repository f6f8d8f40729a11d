/** Shamir's scheme over the field of AES, held to FIPS 197, to tables, and to another implementation. */
import * as fc from 'fast-check';
import { combine, split } from 'shamir-secret-sharing';
import { describe, expect, test } from 'vitest';
import { addMultiple, inverse, multiply } from '../src/secagg/gf256.ts';
import { lagrangeAtZero, openShareJoin, splitSecret } from '../src/secagg/shamir.ts';
import { seededBytes } from './seeded-bytes.ts';

/** By schoolbook: polynomials are multiplied, then divided by 0x11b. */
function slowProduct(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 8; bit += 1) if ((b >> bit) & 1) product ^= a << bit;
  for (let bit = 15; bit >= 8; bit -= 1) if ((product >> bit) & 1) product ^= 0x11b << (bit - 8);
  return product;
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('the field', () => {
  test('multiplies as in FIPS 197, section 4.2', () => {
    expect(multiply(0x57, 0x83)).toBe(0xc1);
    expect(multiply(0x57, 0x13)).toBe(0xfe);
    expect([0x02, 0x04, 0x08, 0x10].map((power) => multiply(0x57, power))).toEqual([0xae, 0x47, 0x8e, 0x07]);
    // The example of an inverse there: the S-box of 0x53 begins with its inverse 0xca.
    expect(inverse(0x53)).toBe(0xca);
  });

  test('multiplies all pairs as schoolbook does, one by one and four to a word', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const row = new Uint32Array(bytes.buffer);
    for (let a = 0; a < 256; a += 1) {
      const slow = bytes.map((b) => slowProduct(a, b));
      expect(hexOf(bytes.map((b) => multiply(a, b)))).toBe(hexOf(slow));
      const sum = row.slice();
      addMultiple(sum, a, row);
      expect(hexOf(new Uint8Array(sum.buffer))).toBe(hexOf(slow.map((product, b) => product ^ b)));
    }
  });

  test('has an inverse of everything but zero', () => {
    for (let a = 1; a < 256; a += 1) expect(multiply(a, inverse(a))).toBe(1);
  });
});

describe('a split secret', () => {
  test('[K-4] is joined by any t of its shares, in any order', () => {
    fc.assert(
      fc.property(
        secrets,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 40 }),
        fc.nat(),
        (secret, shareThreshold, spare, seed) => {
          const randomBytes = seededBytes(seed);
          const shareCount = shareThreshold + spare;
          const shares = splitSecret(secret, { shareThreshold, shareCount, randomBytes });
          const order = [...shares.keys()].sort(() => randomBytes(1)[0]! - 128);
          const chosen = order.slice(0, shareThreshold).map((i) => ({ x: i + 1, bytes: shares[i]! }));
          expect(openShareJoin()(chosen)).toEqual(secret);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is joined at the limits: one share of one, and 255 of 255', () => {
    const secret = seededBytes(1)(32);
    const join = openShareJoin();
    for (const [shareThreshold, shareCount] of [
      [1, 1],
      [255, 255],
      [1, 255],
    ] as const) {
      const shares = splitSecret(secret, { shareThreshold, shareCount, randomBytes: seededBytes(2) });
      const all = shares.map((bytes, i) => ({ x: i + 1, bytes }));
      expect(join(all.slice(-shareThreshold))).toEqual(secret);
    }
  });

  test('is joined by another implementation, which places its shares elsewhere, and the other way round', async () => {
    const secret = seededBytes(3)(32);
    const ours = splitSecret(secret, { shareThreshold: 5, shareCount: 9, randomBytes: seededBytes(4) });
    // That package writes the place behind the share.
    const chosen = [8, 2, 5, 1, 7].map((i) => Uint8Array.of(...ours[i]!, i + 1));
    expect(await combine(chosen)).toEqual(secret);

    const theirs = await split(secret, 9, 5);
    const read = theirs.map((share) => ({ x: share[32]!, bytes: share.subarray(0, 32) }));
    expect(openShareJoin()(read.slice(3, 8))).toEqual(secret);
  });

  test('is the value at zero of the polynomial that the random bytes are the coefficients of', () => {
    // f(x) = 0x2a + 0x07 x + 0xc3 x^2, in every byte; f(1) = 2a + 07 + c3 = ee.
    const randomBytes = () => Uint8Array.from({ length: 64 }, (_, i) => (i < 32 ? 0x07 : 0xc3));
    const shares = splitSecret(new Uint8Array(32).fill(0x2a), {
      shareThreshold: 3,
      shareCount: 4,
      randomBytes,
    });
    const slow = (x: number) => 0x2a ^ slowProduct(0x07, x) ^ slowProduct(0xc3, slowProduct(x, x));
    expect(shares.map((share) => share[17])).toEqual([1, 2, 3, 4].map(slow));
    expect(shares[0]![0]).toBe(0xee);
  });

  test('[K-4] cannot be told from another by t - 1 shares: each secret has one polynomial through them', () => {
    const shares = splitSecret(new Uint8Array(32), {
      shareThreshold: 3,
      shareCount: 3,
      randomBytes: seededBytes(5),
    });
    const held = [1, 2].map((x) => ({ x, bytes: shares[x - 1]! }));
    const join = openShareJoin();
    const possible = new Set<number>();
    for (let value = 0; value < 256; value += 1)
      possible.add(join([...held, { x: 3, bytes: new Uint8Array(32).fill(value) }])[0]!);
    expect(possible.size).toBe(256);
  });

  test('has coefficients that are all random, also the highest', () => {
    const asked: number[] = [];
    const randomBytes = (length: number) => {
      asked.push(length);
      return new Uint8Array(length);
    };
    splitSecret(new Uint8Array(32), { shareThreshold: 7, shareCount: 9, randomBytes });
    expect(asked).toEqual([6 * 32]);
  });

  test('is joined by the coefficients of its own places, whichever were joined before', () => {
    const join = openShareJoin();
    for (const places of [
      [1, 2],
      [3, 4],
      [2, 1],
      [1, 2],
    ]) {
      const secret = seededBytes(places.join())(32);
      const shares = splitSecret(secret, { shareThreshold: 2, shareCount: 4, randomBytes: seededBytes(9) });
      expect(join(places.map((x) => ({ x, bytes: shares[x - 1]! })))).toEqual(secret);
    }
  });

  test('gives something else when one bit of one share is wrong', () => {
    const secret = seededBytes(6)(32);
    const shares = splitSecret(secret, { shareThreshold: 3, shareCount: 3, randomBytes: seededBytes(7) });
    shares[1]![31]! ^= 1;
    const joined = openShareJoin()(shares.map((bytes, i) => ({ x: i + 1, bytes })));
    expect(joined).not.toEqual(secret);
    expect(joined.subarray(0, 31)).toEqual(secret.subarray(0, 31));
  });
});

describe('what cannot be', () => {
  const bytes = new Uint8Array(32);
  const randomBytes = seededBytes(8);

  test.each([
    [0, 5],
    [6, 5],
    [2, 256],
    [1.5, 5],
  ])('%d of %d shares is refused', (shareThreshold, shareCount) => {
    expect(() => splitSecret(bytes, { shareThreshold, shareCount, randomBytes })).toThrow(RangeError);
  });

  test('places outside 1..255, twice the same, or none are refused', () => {
    for (const places of [[0, 1], [256], [3, 3], [1.5], []])
      expect(() => lagrangeAtZero(places)).toThrow(RangeError);
  });

  test('secrets and shares of another length are refused', () => {
    const splitting = { shareThreshold: 2, shareCount: 3, randomBytes };
    expect(() => splitSecret(new Uint8Array(31), splitting)).toThrow(RangeError);
    expect(() => openShareJoin()([{ x: 1, bytes: new Uint8Array(33) }])).toThrow(RangeError);
  });
});
