/**
 * McMahan et al. 2017, section 3, the pathological non-IID partition: sort by label, cut into equal shards, give
 * each participant a few of them, so that most see only two labels (for MNIST: 200 shards of 300, two each).
 */
import { type RandomSource, shuffle } from '@tributary/fl-core';
import { indicesBelow, type Partition } from './partition.ts';

/** Every index is dealt exactly once; shards differ in size by at most one. */
export function labelShardPartition(options: {
  labels: Int32Array;
  participants: number;
  shardsPerParticipant: number;
  random: RandomSource;
}): Partition {
  const { labels, participants, shardsPerParticipant, random } = options;
  const byLabel = shuffle(indicesBelow(labels.length), random).sort((a, b) => labels[a]! - labels[b]!);
  const shards = participants * shardsPerParticipant;
  const cut = (shard: number) => Math.floor((shard * labels.length) / shards);
  const deal = shuffle(indicesBelow(shards), random);
  return Array.from({ length: participants }, (_, participant) => {
    const own = deal.subarray(participant * shardsPerParticipant, (participant + 1) * shardsPerParticipant);
    return Int32Array.from([...own].flatMap((shard) => [...byLabel.subarray(cut(shard), cut(shard + 1))]));
  });
}
