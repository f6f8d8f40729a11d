/**
 * Weighted federated averaging (McMahan et al. 2017, algorithm 1) on exact integers: the order in which updates
 * arrive, or a replay after a crash, cannot change a bit of the result.
 */
import { accumulate, decodeMean, fixedPointFor } from '@tributary/compression';
import { TributaryError } from '../errors.ts';
import { type ParameterSet, parameterCount, sameShapes, type TensorShape } from '../parameters.ts';
import type { AggregationPlan } from '../task/aggregation-plan.ts';
import type { TaskManifest } from '../task/manifest.ts';
import { inviteCount } from '../task/round-plan.ts';

export interface Aggregator {
  /** Adds one checked update. @throws TributaryError `weight-out-of-range` when the plan's total is exceeded */
  add(update: ParameterSet, exampleCount: number): void;
  /** Updates added so far. */
  readonly count: number;
  /** The weighted mean of the updates; call it once, after the last `add`. */
  mean(): Float64Array;
}

/** Keeps one accumulator of the model's size, whatever the number of updates. */
export function createAggregator(
  manifest: Pick<TaskManifest, 'rounds' | 'aggregation'>,
  shapes: readonly TensorShape[],
): Aggregator {
  const { aggregation, rounds } = manifest;
  const limits = {
    valueBound: aggregation.valueBound,
    totalWeight: inviteCount(rounds) * aggregation.maximumWeight,
  };
  const fixedPoint = fixedPointFor(limits);
  if (!fixedPoint) throw new TributaryError('plan-impossible', 'no fixed point is exact for this plan');
  const sum = new Float64Array(parameterCount(shapes));
  let totalWeight = 0;
  let count = 0;
  return {
    add(update, exampleCount) {
      const weight = weightOf(exampleCount, aggregation);
      if (totalWeight + weight > limits.totalWeight) {
        throw new TributaryError('weight-out-of-range', 'more weight than the plan allows in one round');
      }
      if (!sameShapes(update.shapes, shapes)) {
        throw new TributaryError('update-shape-mismatch', 'the update does not have the shapes of the model');
      }
      accumulate(sum, update.values, { weight, fixedPoint });
      totalWeight += weight;
      count += 1;
    },
    get count() {
      return count;
    },
    mean() {
      if (count === 0) throw new TributaryError('internal', 'no update was added');
      return decodeMean(sum, { totalWeight, fixedPoint });
    },
  };
}

/** An update's integer weight in the mean. */
export function weightOf(exampleCount: number, plan: AggregationPlan): number {
  return plan.weighting === 'equal' ? 1 : Math.min(exampleCount, plan.maximumWeight);
}
