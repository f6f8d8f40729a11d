import { ditherOf, quantise, subtractDither } from '@tributary/compression';
import { describe, expect, it } from 'vitest';

const SEED = new Uint8Array(32).fill(3);
const PLAN = { levels: 2 ** 20, step: 1 };

describe('dither that is subtracted', () => {
  it('[C-12] leaves an error between -1/2 and 1/2, uniform whatever the value, with a variance of a twelfth', () => {
    const count = 40_000;
    for (const value of [0, 0.25, 0.5, 0.9]) {
      const values = new Float32Array(count).fill(value);
      const sum = Float64Array.from(quantise(values, { plan: PLAN, scale: 1, random: ditherOf(SEED, 11) }));
      subtractDither(sum, { seed: SEED, streams: [11], bits: 24 });
      const errors = sum.map((decoded) => decoded - Math.fround(value));
      const mean = errors.reduce((total, error) => total + error) / count;
      const variance = errors.reduce((total, error) => total + error * error, 0) / count;
      expect(Math.max(...errors.map(Math.abs))).toBeLessThanOrEqual(0.5);
      // Standard errors of 0.0014 and of 0.00037.
      expect(Math.abs(mean)).toBeLessThan(4 * 0.0015);
      expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * 0.0004);
    }
  });

  it('[C-12] subtracts what each member added, in any order and any slice, to the bit', () => {
    const streams = [5, 0xffffffff, 17, 5000];
    const length = 20_000;
    const sum = Float64Array.from({ length }, (_, i) => (i % 200) - 100);
    const [forwards, backwards, slice] = [sum.slice(), sum.slice(), sum.slice(16_000)];
    subtractDither(forwards, { seed: SEED, streams, bits: 12 });
    subtractDither(backwards, { seed: SEED, streams: streams.toReversed(), bits: 12 });
    subtractDither(slice, { seed: SEED, streams, bits: 12, from: 16_000 });
    expect(backwards).toEqual(forwards);
    expect(slice).toEqual(forwards.subarray(16_000));
  });

  it('[C-12] brings a sum at the edge of the ring to the side where it was before the dither', () => {
    // 127.3 rounded up is 128, which is -128 modulo 2^8; without its dither it is below 127.8 again.
    const values = new Float32Array(1000).fill(127.3);
    const codes = quantise(values, { plan: PLAN, scale: 1, random: ditherOf(SEED, 1) });
    expect(Math.max(...codes)).toBe(128);
    const wrapped = Float64Array.from(codes, (code) => (code << 24) >> 24);
    subtractDither(wrapped, { seed: SEED, streams: [1], bits: 8 });
    for (const value of wrapped) expect(Math.abs(value - 127.3)).toBeLessThanOrEqual(0.5001);
  });
});
