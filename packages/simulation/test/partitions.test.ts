import { seededRandom } from '@tributary/fl-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dirichletPartition, drawGamma } from '../src/partition/dirichlet.ts';
import { iidPartition } from '../src/partition/iid.ts';
import { labelShardPartition } from '../src/partition/label-shards.ts';
import type { Partition } from '../src/partition/partition.ts';

const labelsOf = (count: number, seed: string) => {
  const random = seededRandom(seed);
  return Int32Array.from({ length: count }, () => random.nextUint32() % 10);
};

function expectExact(partition: Partition, count: number): void {
  const all = partition.flatMap((indices) => [...indices]).sort((a, b) => a - b);
  expect(all).toEqual(Array.from({ length: count }, (_, index) => index));
}

const sizes = {
  examples: fc.integer({ min: 60, max: 800 }),
  participants: fc.integer({ min: 1, max: 30 }),
  seed: fc.string(),
};

describe('partitions', () => {
  it('IID deals every index exactly once, evenly', () => {
    fc.assert(
      fc.property(fc.record(sizes), ({ examples, participants, seed }) => {
        const partition = iidPartition({ examples, participants, random: seededRandom(seed) });
        expectExact(partition, examples);
        const counts = partition.map((indices) => indices.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('label shards deal every index exactly once', () => {
    fc.assert(
      fc.property(fc.record({ ...sizes, shardsPerParticipant: fc.integer({ min: 1, max: 4 }) }), (drawn) => {
        const { examples, seed, ...shape } = drawn;
        const labels = labelsOf(examples, seed);
        expectExact(labelShardPartition({ ...shape, labels, random: seededRandom(seed) }), examples);
      }),
    );
  });

  it('label shards are those of McMahan et al.: 600 examples each, of at most four labels, mostly two', () => {
    const labels = Int32Array.from({ length: 60_000 }, (_, index) => index % 10);
    const random = seededRandom('mcmahan');
    const partition = labelShardPartition({ labels, participants: 100, shardsPerParticipant: 2, random });
    const kinds = partition.map((indices) => new Set(Array.from(indices, (index) => labels[index])).size);
    expect(partition.every((indices) => indices.length === 600)).toBe(true);
    expect(Math.max(...kinds)).toBe(2);
    expect(kinds.filter((kind) => kind === 2).length).toBeGreaterThan(75);
  });

  it('Dirichlet deals every index exactly once, and leaves nobody without', () => {
    fc.assert(
      fc.property(
        fc.record({
          participants: fc.integer({ min: 1, max: 8 }),
          alpha: fc.constantFrom(0.3, 1, 10),
          seed: fc.string(),
        }),
        ({ participants, alpha, seed }) => {
          const labels = labelsOf(400, seed);
          const partition = dirichletPartition({ labels, participants, alpha, random: seededRandom(seed) });
          expectExact(partition, 400);
          expect(partition.every((indices) => indices.length > 0)).toBe(true);
        },
      ),
    );
  });

  it('Dirichlet skews more, the smaller alpha is', () => {
    const labels = labelsOf(10_000, 'skew');
    const skewOf = (alpha: number) => {
      const partition = dirichletPartition({ labels, participants: 10, alpha, random: seededRandom('skew') });
      const largest = partition.map((indices) => {
        const counts = new Array<number>(10).fill(0);
        for (const index of indices) counts[labels[index]!]! += 1;
        return Math.max(...counts) / indices.length;
      });
      return largest.reduce((sum, share) => sum + share, 0) / largest.length;
    };
    expect(skewOf(0.1)).toBeGreaterThan(0.4);
    expect(skewOf(1000)).toBeLessThan(0.14);
  });

  it('gamma draws have the mean and the variance of their shape', () => {
    for (const shape of [0.3, 1, 4.5]) {
      const random = seededRandom(`gamma/${shape}`);
      const draws = Array.from({ length: 40_000 }, () => drawGamma(shape, random));
      const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
      const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
      // Five standard errors of the mean; the seed is fixed, so this cannot fail by chance.
      expect(Math.abs(mean - shape)).toBeLessThan(5 * Math.sqrt(shape / draws.length));
      expect(variance / shape).toBeGreaterThan(0.9);
      expect(variance / shape).toBeLessThan(1.1);
    }
  });

  it('the same seed gives the same partition, another seed another', () => {
    const deal = (seed: string) =>
      iidPartition({ examples: 100, participants: 7, random: seededRandom(seed) });
    expect(deal('a')).toEqual(deal('a'));
    expect(deal('a')).not.toEqual(deal('b'));
  });
});
