/** Independent and identically distributed: examples are shuffled and dealt out evenly (McMahan et al. 2017, 3). */
import { type RandomSource, shuffle } from '@tributary/fl-core';
import { indicesBelow, type Partition } from './partition.ts';

/** Sizes differ by at most one; every index is dealt exactly once. */
export function iidPartition(options: {
  examples: number;
  participants: number;
  random: RandomSource;
}): Partition {
  const { examples, participants } = options;
  const order = shuffle(indicesBelow(examples), options.random);
  return Array.from({ length: participants }, (_, participant) =>
    order.subarray(
      Math.floor((participant * examples) / participants),
      Math.floor(((participant + 1) * examples) / participants),
    ),
  );
}
