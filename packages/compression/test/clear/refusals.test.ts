import { type ClearPlanLike, decodeClear, encodeClear } from '@tributary/compression';
import { describe, expect, it } from 'vitest';
import { contextOf, normal } from './samples.ts';

const feedback = { mode: 'off' } as const;
const PLANS: readonly ClearPlanLike[] = [
  { codec: 'eden', bits: 2, fraction: 0.5, adaptive: false, feedback },
  { codec: 'codebook', bits: 4, feedback },
  { codec: 'truncated', mantissaBits: 7, feedback },
  { codec: 'top-k', fraction: 0.1, valueBits: 4, momentum: 0, warmUpRounds: 0, feedback },
  { codec: 'power-sgd', rank: 2, feedback },
];
const LENGTH = 300;

describe.each(PLANS)('the code $codec', (plan) => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %f, wherever it stands',
    (bad) => {
      for (const at of [0, 7, LENGTH - 1]) {
        const values = normal(LENGTH, 3);
        values[at] = bad;
        expect(() => encodeClear(values, plan, contextOf(LENGTH))).toThrow(
          expect.objectContaining({ code: 'codec-not-finite' }),
        );
      }
    },
  );

  it('is refused when it is cut anywhere, and when it is longer', () => {
    const { bytes } = encodeClear(normal(LENGTH, 3), plan, contextOf(LENGTH));
    const malformed = expect.objectContaining({ code: 'codec-malformed' });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeClear(bytes.subarray(0, length), plan, contextOf(LENGTH))).toThrow(malformed);
    }
    expect(() => decodeClear(Uint8Array.of(...bytes, 0), plan, contextOf(LENGTH))).toThrow(malformed);
  });

  it('is read from the middle of other bytes', () => {
    const { bytes, decoded } = encodeClear(normal(LENGTH, 3), plan, contextOf(LENGTH));
    const inside = Uint8Array.of(255, ...bytes, 255).subarray(1, -1);
    expect(decodeClear(inside, plan, contextOf(LENGTH))).toEqual(decoded);
  });
});
