import { type ClearPlanLike, decodeClear, encodeClear } from '@tributary/compression';
import { describe, expect, it } from 'vitest';
import { CENTROIDS } from '../../src/clear/eden.ts';
import { contextOf, HEAVY_TAILED, haveSameBits, lostEnergy, normal } from './samples.ts';

type Eden = Extract<ClearPlanLike, { codec: 'eden' }>;
const PLAN: Eden = { codec: 'eden', bits: 1, fraction: 1, adaptive: false, feedback: { mode: 'off' } };
const FED: Eden = { ...PLAN, feedback: { mode: 'on', expiresAfterRounds: 20 } };

/** Vargaftik et al. 2022, table 1: bits, and what is lost of the energy. */
const PUBLISHED = [
  [1, 0.5705],
  [2, 0.1334],
  [3, 0.0358],
  [4, 0.0096],
] as const;

describe('EDEN', () => {
  it.each(PUBLISHED)('at %i bits loses %f of the energy, as published, within 2 %', (bits, loss) => {
    const values = normal(2 ** 16, 7);
    const plan = { ...PLAN, bits };
    const { bytes, decoded } = encodeClear(values, plan, contextOf(values.length));
    expect(Math.abs(lostEnergy(values, decoded) / loss - 1)).toBeLessThan(0.02);
    expect(haveSameBits(decodeClear(bytes, plan, contextOf(values.length)), decoded)).toBe(true);
  });

  it.each(Object.entries(HEAVY_TAILED))(
    'loses as much of %s values: the rotation makes them normal',
    (_, draw) => {
      const values = draw(2 ** 16, 7);
      for (const [bits, loss] of PUBLISHED) {
        const { decoded } = encodeClear(values, { ...PLAN, bits }, contextOf(values.length));
        expect(Math.abs(lostEnergy(values, decoded) / loss - 1)).toBeLessThan(0.03);
      }
    },
  );

  it('loses, with feedback, what the quantiser loses and no more, as Max 1960 has it', () => {
    const values = normal(2 ** 16, 7);
    [0.3634, 0.1175, 0.03454, 0.009497].forEach((loss, i) => {
      const { decoded, memory } = encodeClear(values, { ...FED, bits: 1 + i }, contextOf(values.length));
      expect(Math.abs(lostEnergy(values, decoded) / loss - 1)).toBeLessThan(0.02);
      const lost = values.map((value, k) => value - decoded[k]!);
      expect(haveSameBits(memory!.residual, lost)).toBe(true);
    });
  });

  it('has the centroids that Lloyd’s iteration ends at', () => {
    CENTROIDS.forEach((centroids) => {
      lloydMax(centroids.length).forEach((centroid, i) => {
        expect(centroids[i]).toBeCloseTo(centroid, 7);
      });
    });
  });

  it('takes less than a tenth of a byte for each of 199,210 parameters, of which it sends three quarters at 1 bit', () => {
    const values = normal(199_210, 3);
    const plan = { ...PLAN, fraction: 0.75 };
    const { bytes, decoded } = encodeClear(values, plan, contextOf(values.length));
    expect(bytes.length).toBeLessThan(0.096 * values.length);
    // (1 + 0.5705) / 0.75 - 1
    expect(Math.abs(lostEnergy(values, decoded) / 1.094 - 1)).toBeLessThan(0.02);
  });

  it('sends fewer bits where a device asks for them and the plan allows it', () => {
    const values = normal(5000, 3);
    const context = contextOf(values.length);
    const adaptive = { ...PLAN, bits: 4, adaptive: true };
    for (const [bits, sent] of [
      [0, 1],
      [1, 1],
      [3, 3],
      [9, 4],
    ] as const) {
      const { bytes, decoded } = encodeClear(values, adaptive, { ...context, bits });
      expect(bytes[0]).toBe(sent);
      expect(decodeClear(bytes, adaptive, context)).toEqual(decoded);
    }
    const { bytes } = encodeClear(values, { ...PLAN, bits: 4 }, { ...context, bits: 1 });
    expect(bytes[0]).toBe(4);
    const fewer = encodeClear(values, adaptive, { ...context, bits: 1 }).bytes;
    expect(() => decodeClear(fewer, { ...PLAN, bits: 4 }, context)).toThrow(
      expect.objectContaining({ code: 'codec-malformed' }),
    );
  });

  it.each([0, 1, 2, 3, 255, 257, 4097])('codes %i values', (length) => {
    const values = normal(length, 3);
    for (const bits of [1, 2, 3, 4]) {
      for (const fraction of [1, 0.3]) {
        const plan = { ...PLAN, bits, fraction };
        const { bytes, decoded } = encodeClear(values, plan, contextOf(length));
        expect(decoded).toHaveLength(length);
        expect(haveSameBits(decodeClear(bytes, plan, contextOf(length)), decoded)).toBe(true);
      }
    }
  });

  it('gives zeros back as they are, and refuses what is too large to be rotated', () => {
    const zeros = new Float32Array(1000);
    expect(encodeClear(zeros, PLAN, contextOf(1000)).decoded.every((value) => value === 0)).toBe(true);
    const large = new Float32Array(1000).fill(3e38);
    expect(() => encodeClear(large, PLAN, contextOf(1000))).toThrow(
      expect.objectContaining({ code: 'codec-not-finite' }),
    );
  });
});

/**
 * Positive centroids of the standard normal distribution: each moves to the mean of what is nearest to it (Lloyd 1982), until
 * none moves. The mean between a and b is (phi(a) - phi(b)) / (Phi(b) - Phi(a)), and the integral is Simpson's.
 */
function lloydMax(count: number): number[] {
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const share = (a: number, b: number) => {
    const [steps, h] = [800, (b - a) / 800];
    let sum = density(a) + density(b);
    for (let i = 1; i < steps; i += 1) sum += density(a + i * h) * (i % 2 === 1 ? 4 : 2);
    return (sum * h) / 3;
  };
  let centroids = Array.from({ length: count }, (_, i) => ((i + 0.5) * 3) / count);
  for (let moved = 1; moved > 1e-12; ) {
    const ends = [0, ...centroids.slice(1).map((c, i) => (c + centroids[i]!) / 2), 12];
    const means = centroids.map(
      (_, i) => (density(ends[i]!) - density(ends[i + 1]!)) / share(ends[i]!, ends[i + 1]!),
    );
    moved = Math.max(...means.map((mean, i) => Math.abs(mean - centroids[i]!)));
    centroids = means;
  }
  return centroids;
}
