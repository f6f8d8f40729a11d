/**
 * A model delta as integers that add up: weighted, clipped, rounded at random, with the counts that belong to it. In a run
 * with secure aggregation the masks are added next, in place, and only then is there a frame.
 */
import { createLaneSum, quantise, type RandomWords, type RingVector } from '@tributary/compression';
import { TributaryError } from '../errors.ts';
import type { TensorShape } from '../parameters.ts';
import { type SumManifest, sumPlan } from '../task/secure-sum-plan.ts';
import { encodeRingFrame } from '../wire/ring-frame.ts';
import { weightOf } from './aggregator.ts';
import { type TailEvaluation, tailOf, tailValues } from './tail.ts';

/** The update, then its tail: secret until they are masked. */
export type AdditiveUpdate = readonly [RingVector, RingVector];

export interface AdditiveUpdateOptions {
  readonly manifest: SumManifest;
  readonly shapes: readonly TensorShape[];
  /** That were trained on. */
  readonly exampleCount: number;
  /** Of the round's model on held-out examples; null without. */
  readonly evaluation: TailEvaluation | null;
  readonly random: RandomWords;
}

/** Elements: some milliseconds of work; a multiple of what a source of randomness gives at once. */
const PIECE = 131_072;

/**
 * v = SR(clip(w / w_max x delta, +-bound) / step), where SR rounds to one of the two neighbours, without bias.
 * @throws TributaryError `update-not-finite`
 */
export function additiveUpdate(delta: Float32Array, options: AdditiveUpdateOptions): AdditiveUpdate {
  const pieces = additivePieces(delta, options);
  for (;;) {
    const step = pieces.next();
    if (step.done) return step.value;
  }
}

/** The same, with a yield between pieces of work: a page must not stand still for a large model. */
export function* additivePieces(
  delta: Float32Array,
  options: AdditiveUpdateOptions,
): Generator<void, AdditiveUpdate> {
  const { manifest, shapes, exampleCount, evaluation, random } = options;
  const plan = sumPlan(manifest, shapes);
  const weight = weightOf(exampleCount, manifest.aggregation);
  const [update, tail] = [emptyVector(plan.vectors[0]), emptyVector(plan.vectors[1])];
  const quantisation = { plan: plan.ring, scale: weight / plan.maximumWeight, random };
  for (let from = 0; from < delta.length; from += PIECE) {
    if (from > 0) yield;
    update.addValues(quantised(delta.subarray(from, from + PIECE), quantisation), from);
  }
  tail.addValues(tailValues(tailOf(weight, evaluation, plan)));
  return [update, tail];
}

function quantised(...piece: Parameters<typeof quantise>): Int32Array {
  try {
    return quantise(...piece);
  } catch (error) {
    throw new TributaryError('update-not-finite', 'a value is not a finite number', { cause: error });
  }
}

export function additiveFrame(
  [update, tail]: AdditiveUpdate,
  { manifest, shapes }: { readonly manifest: SumManifest; readonly shapes: readonly TensorShape[] },
): Uint8Array {
  const { layout } = sumPlan(manifest, shapes);
  return encodeRingFrame(layout, { packed: update.packed(), tail: tail.lanes() });
}

export function emptyVector({
  length,
  bits,
}: {
  readonly length: number;
  readonly bits: number;
}): RingVector {
  return createLaneSum(length, bits);
}
