/** What can be checked of an additive update that is not masked: that an honest device could have sent it. */
import { createLaneSum } from '@tributary/compression';
import { TributaryError } from '../errors.ts';
import { MAXIMUM_TAIL_LOSS, type SumManifest, type SumPlan, shareOfNorm } from '../task/secure-sum-plan.ts';
import type { RingFrame } from '../wire/ring-frame.ts';
import { weightOf } from './aggregator.ts';
import { NORM_SLACK } from './norm-slack.ts';
import { readTail } from './tail.ts';

/** Elements that are looked at at once. */
const PIECE = 16_384;

/** @throws TributaryError `update-out-of-range`, `weight-out-of-range` */
export function checkRingUpdate(
  frame: RingFrame,
  context: {
    readonly manifest: SumManifest;
    readonly plan: SumPlan;
    /** As announced; unknown where it was compared before. */
    readonly exampleCount: number | null | undefined;
  },
): void {
  const { manifest, plan, exampleCount } = context;
  const tail = readTail(frame.tail);
  const expected = exampleCount ? weightOf(exampleCount, manifest.aggregation) : tail.weight;
  if (tail.count !== 1 || tail.weight !== expected || tail.weight < 1 || tail.weight > plan.maximumWeight) {
    throw new TributaryError(
      'weight-out-of-range',
      'the weight in the update is not the one that was announced',
    );
  }
  const { evaluatedExamples, evaluatedCorrect, evaluatedLoss } = tail;
  const isEvaluation =
    evaluatedExamples <= plan.maximumEvaluated &&
    evaluatedCorrect <= evaluatedExamples &&
    evaluatedLoss <= evaluatedExamples * MAXIMUM_TAIL_LOSS;
  if (!isEvaluation)
    throw new TributaryError('update-out-of-range', 'the counts of an evaluation contradict each other');
  checkValues(frame, manifest, plan, tail.weight);
}

function checkValues(
  { packed }: RingFrame,
  manifest: SumManifest,
  { ring, layout, lengths, maximumWeight }: SumPlan,
  weight: number,
): void {
  const vector = createLaneSum(layout.length, layout.bits);
  vector.addPacked(packed);
  let squares = 0;
  for (let from = 0; from < layout.length; from += PIECE) {
    for (const value of vector.signedValues(from, Math.min(from + PIECE, layout.length))) {
      if (ring.levels !== null && Math.abs(value) > ring.levels) {
        throw new TributaryError('update-out-of-range', 'a value lies outside the levels of this run');
      }
      squares += value * value;
    }
  }
  const { clippingNorm } = manifest.privacy;
  if (clippingNorm === undefined) return;
  // Rounding moves each value by less than one level.
  const norm = clippingNorm * shareOfNorm(lengths) * NORM_SLACK;
  const most = (norm * weight) / maximumWeight / ring.step + Math.sqrt(layout.length);
  if (Math.sqrt(squares) > most) {
    throw new TributaryError(
      'update-out-of-range',
      'the update is longer than the clipping norm of this run',
    );
  }
}
