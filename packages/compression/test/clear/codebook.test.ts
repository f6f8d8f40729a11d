import { type ClearPlanLike, decodeClear, encodeClear } from '@tributary/compression';
import { describe, expect, it } from 'vitest';
import { searchEach, searchFromCells } from '../../src/clear/levels.ts';
import { contextOf, HEAVY_TAILED, lostEnergy, normal } from './samples.ts';

type Codebook = Extract<ClearPlanLike, { codec: 'codebook' }>;
const PLAN: Codebook = { codec: 'codebook', bits: 4, feedback: { mode: 'off' } };
const FED: Codebook = { ...PLAN, feedback: { mode: 'on', expiresAfterRounds: 20 } };

/** What is lost, on average, by rounding by chance to levels at equal distances from the least to the greatest value. */
function lossOfEqualWidths(values: Float32Array, count: number): number {
  const least = values.reduce((a, b) => Math.min(a, b));
  const width = (values.reduce((a, b) => Math.max(a, b)) - least) / (count - 1);
  let lost = 0;
  let all = 0;
  for (const value of values) {
    const share = (value - least) / width - Math.floor((value - least) / width);
    lost += share * (1 - share) * width ** 2;
    all += value ** 2;
  }
  return lost / all;
}

describe('a codebook', () => {
  const drawn = Object.entries({ normal, ...HEAVY_TAILED });
  it.each(drawn)('of %s values loses less than levels at equal distances', (_, draw) => {
    const values = draw(2 ** 16, 3);
    for (const bits of [2, 3, 4, 6, 8]) {
      const { decoded } = encodeClear(values, { ...PLAN, bits }, contextOf(values.length));
      expect(lostEnergy(values, decoded)).toBeLessThan(lossOfEqualWidths(values, 2 ** bits));
    }
  });

  it.each([
    [1, 0.3634],
    [2, 0.1175],
    [3, 0.03454],
    [4, 0.009497],
  ])(
    'of %i bits that goes to the nearest level loses %f of normal values, as Max 1960 has it, within 3 %',
    (bits, loss) => {
      const values = normal(2 ** 16, 5);
      const { decoded } = encodeClear(values, { ...FED, bits }, contextOf(values.length));
      expect(Math.abs(lostEnergy(values, decoded) / loss - 1)).toBeLessThan(0.03);
    },
  );

  it('goes from each value to one of its two neighbours among the levels, and gives a level back as it is', () => {
    const values = normal(5000, 9);
    const { decoded } = encodeClear(values, PLAN, contextOf(values.length));
    const levels = [...new Set(decoded)].sort((a, b) => a - b);
    expect(levels.length).toBeLessThanOrEqual(16);
    values.forEach((value, i) => {
      const below = levels.findLastIndex((level) => level <= value);
      expect([levels[below], levels[below + 1]]).toContain(decoded[i]);
    });
    expect(encodeClear(decoded, PLAN, contextOf(values.length)).decoded).toEqual(decoded);
  });

  it('finds the levels around many values as it does around few', () => {
    const values = Float32Array.of(...normal(300, 2), 0, -0, 1e-45, -1e-45, 3e38, -3e38);
    for (const count of [1, 2, 3, 15, 254]) {
      const boundaries = values.slice(300 - count, 300 + (count % 7)).sort();
      expect(searchFromCells(values, boundaries)).toEqual(searchEach(values, boundaries));
    }
  });

  it.each([
    ['nothing', []],
    ['one value', [0.1]],
    ['equal values', [-0.1, -0.1, -0.1]],
    ['zeros of both signs', [0, -0]],
    ['the largest floats', [3.4028234663852886e38, -3.4028234663852886e38, 0]],
  ])('says %s as it is', (_, values) => {
    for (const plan of [PLAN, FED]) {
      const { bytes, decoded } = encodeClear(Float32Array.from(values), plan, contextOf(values.length));
      expect([...decoded].map((value) => value + 0)).toEqual(
        [...Float32Array.from(values)].map((value) => value + 0),
      );
      expect(decodeClear(bytes, plan, contextOf(values.length))).toEqual(decoded);
    }
  });
});
