import { seededRandom, shuffle } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { batchesOf, examplesOfRound, orderOfEpoch } from '../src/batch-order.ts';
import { localTraining } from './small-problems.ts';

describe('the order of examples', () => {
  it('uses each example of the round once per epoch, shuffled by seed and epoch', () => {
    const used = examplesOfRound(25, localTraining(), 'seed');
    const first = orderOfEpoch(used, 'seed', 0);
    const expected = shuffle(
      Array.from({ length: 25 }, (_x, i) => i),
      seededRandom('seed/epoch-0'),
    );
    expect([...first]).toEqual(expected);
    expect([...orderOfEpoch(used, 'seed', 1)]).not.toEqual(expected);
    expect([...first].sort((a, b) => a - b)).toEqual([...used]);
  });

  it('takes the last, smaller batch too', () => {
    const batches = [...batchesOf(Int32Array.from({ length: 25 }), 10)];
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
  });

  it('keeps to the same maximumExamples in every epoch of a round, chosen by the seed', () => {
    const training = localTraining({ maximumExamples: 7 });
    const used = examplesOfRound(25, training, 'seed');
    expect(used).toHaveLength(7);
    expect(new Set(used).size).toBe(7);
    expect([...orderOfEpoch(used, 'seed', 3)].sort()).toEqual([...used].sort());
    expect([...examplesOfRound(25, training, 'other seed')]).not.toEqual([...used]);
  });
});
