/**
 * The sum of additive updates modulo 2^b, and the mean that it stands for. Integers add up to the same bits in any order,
 * with or without masks that cancel: a masked run and a clear one make the same model.
 */
import { TributaryError } from '../errors.ts';
import type { ClientId } from '../identifiers.ts';
import type { TensorShape } from '../parameters.ts';
import { inviteCount } from '../task/round-plan.ts';
import { type SumManifest, sumPlan } from '../task/secure-sum-plan.ts';
import { finestStep, firstStepOf } from '../update/first-step.ts';
import type { RoundCode } from '../update/round-code.ts';
import { sumFacts } from '../update/sum-facts.ts';
import type { Addends } from './addends.ts';
import { isAllZero, sumInSteps, toParameters } from './additive-decode.ts';
import { emptyVector } from './additive-update.ts';
import { readTail, type Tail } from './tail.ts';

/** @throws TributaryError `plan-impossible` */
export function openRingSum(
  manifest: SumManifest,
  shapes: readonly TensorShape[],
  round: RoundCode,
): Addends {
  const plan = sumPlan(manifest, shapes, round.encoding);
  const [updates, tails] = [emptyVector(plan.vectors[0]), emptyVector(plan.vectors[1])];
  const members: ClientId[] = [];
  const decoding = { manifest, shapes, round, plan };
  /** Once no mask is in it, and until the mean is made of it, in place. */
  let steps: Float64Array | null = null;
  const decoded = (): Float64Array => {
    steps ??= sumInSteps(updates, decoding, members);
    return steps;
  };
  const tally = (): Tail => readTail(tails.lanes());
  return {
    add(update, { clientId }) {
      if (!('packed' in update)) throw new TributaryError('internal', 'not an additive update');
      updates.addPacked(update.packed);
      tails.add(update.tail, 0);
      members.push(clientId);
    },
    vectors: [updates, tails],
    tally,
    mean() {
      const { length: count } = members;
      const { count: counted, weight } = tally();
      if (counted !== count || weight < count || weight > count * plan.maximumWeight) {
        throw new TributaryError(
          'weight-out-of-range',
          'counts and weights in the sum are not those of its updates',
        );
      }
      const factor = (plan.ring.step * plan.maximumWeight) / weight;
      const own = decoded();
      steps = null;
      return toParameters(own, decoding, factor);
    },
    facts() {
      const { compression, rounds } = manifest;
      if (compression.codec !== 'tuned' || !round.encoding) return null;
      return sumFacts(decoded(), {
        plan: compression,
        encoding: round.encoding,
        maximumCohort: inviteCount(rounds),
        count: members.length,
        isNothing: isAllZero(updates, plan.layout.length),
        finestStep: finestStep(firstStepOf(compression, { ...manifest, shapes })),
      });
    },
  };
}
