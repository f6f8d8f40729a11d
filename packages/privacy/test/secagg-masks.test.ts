import { createLaneSum } from '@tributary/compression';
import { applyMasks, type Mask } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { nativeCrypto } from './native-crypto.ts';
import { range } from './secagg-scene.ts';
import { seededBytes } from './seeded-bytes.ts';
import { slowMask } from './slow-derivations.ts';

const crypto = nativeCrypto(seededBytes('masks'));
const masks = range(5).map((i): Mask => ({ key: seededBytes(`mask ${i}`)(32), sign: i % 2 === 0 ? 1 : -1 }));

async function masked(bits: number, length: number, ...cuts: number[]): Promise<Uint8Array> {
  const sum = createLaneSum(length, bits);
  const ends = [...cuts, length];
  await Promise.all(
    ends.map((to, i) => applyMasks(sum, masks, { from: i === 0 ? 0 : ends[i - 1]!, to }, crypto)),
  );
  return sum.lanes();
}

describe('applying masks', () => {
  for (const bits of [8, 11, 16, 20, 24, 32]) {
    it(`adds and subtracts those of the slow implementation, at ${bits} bits`, async () => {
      const sum = createLaneSum(33, bits);
      await applyMasks(sum, masks, { from: 0, to: 33 }, crypto);
      const modulus = 2n ** BigInt(bits);
      const expected = range(33).map((at) => {
        const total = masks.reduce(
          (rest, { key, sign }) => rest + BigInt(sign) * slowMask(key, bits, 33)[at]!,
          0n,
        );
        return ((total % modulus) + modulus) % modulus;
      });
      expect([...sum.signedValues()].map((value) => (BigInt(value) + modulus) % modulus)).toEqual(expected);
    });

    // Longer than three chunks.
    const length = 150_001;
    it(`is the same in slices that begin anywhere, at ${bits} bits`, async () => {
      const whole = Buffer.from(await masked(bits, length));
      expect(whole.equals(await masked(bits, length, 16, 65_536))).toBe(true);
      expect(whole.equals(await masked(bits, length, 1, 2, 77_777, 77_777, 150_000))).toBe(true);
    });
  }

  it('holds a few chunks of masks at a time, of 128 to 256 KB, and never a mask', async () => {
    let [reads, held, most, largest] = [0, 0, 0, 0];
    const slow = {
      ...crypto,
      maskStream: async () => ({
        read: async (_: number, length: number) => {
          reads += 1;
          held += 1;
          most = Math.max(most, held);
          largest = Math.max(largest, length);
          await Promise.resolve();
          held -= 1;
          return new Uint8Array(length);
        },
      }),
    };
    await applyMasks(createLaneSum(400_000, 24), masks, { from: 0, to: 400_000 }, slow);
    expect(reads).toBe(masks.length * Math.ceil((400_000 * 3) / largest));
    expect(largest).toBeGreaterThan(127 * 1024);
    expect(largest).toBeLessThanOrEqual(256 * 1024);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(8);
  });

  it('fails when a stream fails, and reads no further', async () => {
    let reads = 0;
    const broken = {
      ...crypto,
      maskStream: () => ({
        read: async () => {
          reads += 1;
          await Promise.resolve();
          throw new Error('no cipher');
        },
      }),
    };
    const applied = applyMasks(createLaneSum(1_000_000, 24), masks, { from: 0, to: 1_000_000 }, broken);
    await expect(applied).rejects.toThrow('no cipher');
    expect(reads).toBeLessThanOrEqual(8);
  });
});
