/** Bytes that devices of different versions, and engines, agree on. */
import { type ClearPlanLike, decodeClear, encodeClear, openLinearMap } from '@tributary/compression';
import { describe, expect, it } from 'vitest';
import vectors from '../../../../test/vectors/compression.json' with { type: 'json' };
import { decodeIndices, encodeIndices } from '../../src/clear/index-coding.ts';

describe('the frozen vectors', () => {
  it.each(vectors['index coding'])('hold indices $indices of $length', ({ indices, length, bytes }) => {
    const kept = Uint32Array.from(indices);
    expect(hex(encodeIndices(kept, length))).toBe(bytes);
    expect(decodeIndices(Buffer.from(bytes, 'hex'), { count: kept.length, length })).toEqual(kept);
  });

  const { words, cases } = vectors['clear codes of a device'];
  it.each(cases)('hold the code of $plan for $shapes', ({ plan, shapes, values, bytes, decoded }) => {
    const context = {
      shapes,
      seed: new Uint8Array(32),
      random: { fill: (into: Uint32Array) => into.set(into.map((_, i) => words[i % words.length]!)) },
      roundNumber: 1,
      committedRounds: 0,
      feedback: null,
    };
    const code = encodeClear(Float32Array.from(values), plan as ClearPlanLike, context);
    expect(hex(code.bytes)).toBe(bytes);
    expect(hex(decodeClear(code.bytes, plan as ClearPlanLike, context))).toBe(decoded);
  });

  it.each(vectors['low rank'])(
    'hold a basis of rank $rank',
    ({ rank, shapes, seed, values, ...expected }) => {
      const plan = { sampling: { kind: 'low-rank', rank }, rotation: 'none' } as const;
      const map = openLinearMap(plan, shapes, Buffer.from(seed, 'hex'));
      const sampled = map.sample(Float32Array.from(values));
      expect(hex(sampled)).toBe(expected.sampled);
      expect(hex(map.spread(sampled))).toBe(expected.spread);
      expect(hex(map.estimate(sampled))).toBe(expected.estimate);
    },
  );
});

const hex = ({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('hex');
