import { type ClearContext, type ClearPlanLike, decodeClear, encodeClear } from '@tributary/compression';
import { describe, expect, it } from 'vitest';
import { CENTROIDS } from '../../src/clear/eden.ts';
import { normal, seeded } from './samples.ts';

type Eden = Extract<ClearPlanLike, { codec: 'eden' }>;
const EDEN: Eden = { codec: 'eden', bits: 1, fraction: 1, adaptive: false, feedback: { mode: 'off' } };

function contextFor(length: number, seed = 1): ClearContext {
  return {
    shapes: [[length]],
    seed: new Uint8Array(32).fill(seed),
    random: seeded(seed),
    roundNumber: 1,
    committedRounds: 0,
    feedback: null,
  };
}

function vnmse(values: Float32Array, decoded: Float32Array): number {
  let lost = 0;
  let all = 0;
  for (let i = 0; i < values.length; i += 1) {
    lost += (values[i]! - decoded[i]!) ** 2;
    all += values[i]! ** 2;
  }
  return lost / all;
}

describe('EDEN', () => {
  it.each([
    [1, 0.5705],
    [2, 0.1334],
    [3, 0.0358],
    [4, 0.0096],
  ])('at %i bits loses %f of the energy, as published, within 2 %', (bits, published) => {
    const values = normal(2 ** 16, 7);
    const plan = { ...EDEN, bits };
    const { bytes, decoded } = encodeClear(values, plan, contextFor(values.length));
    expect(Math.abs(vnmse(values, decoded) / published - 1)).toBeLessThan(0.02);
    expect(decodeClear(bytes, plan, contextFor(values.length))).toEqual(decoded);
  });

  it('has centroids', () => expect(CENTROIDS.map((c) => c.length)).toEqual([1, 2, 4, 8]));
});
