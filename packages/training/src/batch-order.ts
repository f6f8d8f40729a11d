/**
 * Which examples a round uses and in which order. Every trainer follows this rule, so two trainers with one seed see
 * identical batches: the round takes the first `maximumExamples` of a seeded shuffle (all of them, unshuffled, when
 * there are no more than that), and each epoch shuffles those anew. The last batch of an epoch may be smaller.
 */
import { type LocalTraining, seededRandom, shuffle } from '@tributary/fl-core';

/** Indices of the examples that the round uses. */
export function examplesOfRound(count: number, training: LocalTraining, seed: string): Int32Array {
  const all = Int32Array.from({ length: count }, (_, index) => index);
  if (count <= training.maximumExamples) return all;
  return shuffle(all, seededRandom(`${seed}/examples`)).slice(0, training.maximumExamples);
}

/** Those examples in the order of one epoch; the first epoch is 0. */
export function orderOfEpoch(examplesUsed: Int32Array, seed: string, epoch: number): Int32Array {
  return shuffle(examplesUsed.slice(), seededRandom(`${seed}/epoch-${epoch}`));
}

/** Consecutive batches as views of `order`; only the last may be smaller than `batchSize`. */
export function* batchesOf(order: Int32Array, batchSize: number): Generator<Int32Array> {
  for (let from = 0; from < order.length; from += batchSize) yield order.subarray(from, from + batchSize);
}
