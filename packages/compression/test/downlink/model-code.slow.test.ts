/** Damaged codes by the hundred thousand: each is refused with a code of its own, or decodes to some numbers. */
import { CodecError, decodeModel, encodeModel } from '@tributary/compression';
import { expect, it } from 'vitest';
import { normal, uniform } from './models.ts';

const CASES = 100_000;

it(`[V-3] refuses or reads ${CASES} damaged codes, and throws nothing else`, () => {
  const next = uniform(20_261_122);
  const below = (limit: number) => Math.floor(next() * limit);
  const sizes = [40, 0, 23];
  const base = normal(63, { deviation: 0.1, seed: 1 }).map((value) => Math.round(value * 1024) / 1024);
  const near = base.map((value, i) => (i % 5 === 0 ? value + 1 / 512 : value));
  const far = normal(63, { deviation: 3, seed: 2 });
  const codes = [near, far].flatMap((values) => [
    { code: encodeModel(values, { sizes, base: null }), base: null },
    { code: encodeModel(values, { sizes, base }), base },
  ]);
  let refused = 0;
  for (let i = 0; i < CASES; i += 1) {
    const { code, base: against } = codes[i % codes.length]!;
    const damaged = damage(code, below);
    try {
      const values = decodeModel(damaged, { sizes, base: against });
      expect(values).toHaveLength(63);
    } catch (error) {
      if (!(error instanceof CodecError) || error.code !== 'codec-malformed') throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(CASES / 4);
});

function damage(code: Uint8Array, below: (limit: number) => number): Uint8Array {
  const damaged = code.slice(0, below(4) === 0 ? below(code.length + 1) : code.length);
  if (below(8) === 0) return Uint8Array.of(...damaged, below(256));
  for (let flips = below(4); flips > 0 && damaged.length > 0; flips -= 1) {
    damaged[below(damaged.length)] = below(256);
  }
  return damaged;
}
