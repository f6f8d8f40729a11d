/**
 * The sum of additive updates modulo 2^b, and the mean that it stands for. Integers add up to the same bits in any order,
 * with or without masks that cancel: a masked run and a clear one make the same model.
 */
import { TributaryError } from '../errors.ts';
import type { TensorShape } from '../parameters.ts';
import { type SumManifest, sumPlan } from '../task/secure-sum-plan.ts';
import type { Addends } from './addends.ts';
import { emptyVector } from './additive-update.ts';
import { readTail, type Tail } from './tail.ts';

/** Elements that are decoded at once. */
const PIECE = 65_536;

/** @throws TributaryError `plan-impossible` */
export function openRingSum(manifest: SumManifest, shapes: readonly TensorShape[]): Addends {
  const plan = sumPlan(manifest, shapes);
  const [updates, tails] = [emptyVector(plan.vectors[0]), emptyVector(plan.vectors[1])];
  let count = 0;
  const tally = (): Tail => readTail(tails.lanes());
  return {
    add(update) {
      if (!('packed' in update)) throw new TributaryError('internal', 'not an additive update');
      updates.addPacked(update.packed);
      tails.add(update.tail, 0);
      count += 1;
    },
    vectors: [updates, tails],
    tally,
    mean() {
      const { count: counted, weight } = tally();
      if (counted !== count || weight < count || weight > count * plan.maximumWeight) {
        throw new TributaryError(
          'weight-out-of-range',
          'counts and weights in the sum are not those of its updates',
        );
      }
      // One product and one quotient, whatever the platform: the next model is the same bits everywhere.
      const factor = (plan.ring.step * plan.maximumWeight) / weight;
      const mean = new Float64Array(plan.layout.length);
      for (let from = 0; from < mean.length; from += PIECE) {
        const values = updates.signedValues(from, Math.min(from + PIECE, mean.length));
        for (let i = 0; i < values.length; i += 1) mean[from + i] = values[i]! * factor;
      }
      return mean;
    },
  };
}
