/** What integers of a ring stand for: of one device, for its residual, or of all, for the mean. */
import { type LinearMap, openLinearMap, type RingVector, subtractDither } from '@tributary/compression';
import type { ClientId } from '../identifiers.ts';
import type { TensorShape } from '../parameters.ts';
import { isAdditive } from '../task/compression-plan.ts';
import type { SumManifest, SumPlan } from '../task/secure-sum-plan.ts';
import { ditherStream, type RoundCode } from '../update/round-code.ts';

/** Elements that are decoded at once. */
const PIECE = 65_536;

export interface CodedSum {
  readonly manifest: Pick<SumManifest, 'compression'>;
  readonly shapes: readonly TensorShape[];
  readonly round: RoundCode;
  readonly plan: Pick<SumPlan, 'linear' | 'layout'>;
  /** Whose updates it is the sum of. */
  readonly members: readonly ClientId[];
  /** What one unit is worth in what is asked for. */
  readonly factor: number;
}

/**
 * One product for each element, and the rest in float32 with the same operations on every platform: the same bits everywhere.
 * @returns the sum as model parameters
 */
export function decodeAdditive(integers: RingVector, sum: CodedSum): Float64Array {
  const values = new Float64Array(sum.plan.layout.length);
  for (let from = 0; from < values.length; from += PIECE) {
    values.set(integers.signedValues(from, Math.min(from + PIECE, values.length)), from);
  }
  return decodeSteps(values, sum);
}

/** @param values in units of the step; overwritten */
export function decodeSteps(values: Float64Array, sum: CodedSum): Float64Array {
  const { manifest, shapes, round, plan, members, factor } = sum;
  if (isDithered(manifest)) {
    subtractDither(values, {
      seed: round.seed,
      streams: members.map(ditherStream),
      bits: plan.layout.bits,
    });
  }
  for (let i = 0; i < values.length; i += 1) values[i]! *= factor;
  const { sampling, rotation } = plan.linear;
  if (sampling.kind === 'all' && rotation === 'none') return values;
  const map = openLinearMap(plan.linear, shapes, round.seed);
  return Float64Array.from(toParameters(map, map.unrotate(Float32Array.from(values)), manifest));
}

/** What was not sent is on the devices with error feedback, and comes later; without, the rest stands for it. */
function toParameters(map: LinearMap, kept: Float32Array, manifest: CodedSum['manifest']): Float32Array {
  return keepsResidual(manifest) ? map.spread(kept) : map.estimate(kept);
}

export function isDithered({ compression }: Pick<SumManifest, 'compression'>): boolean {
  return isAdditive(compression) && compression.rounding === 'dithered';
}

export function keepsResidual({ compression }: Pick<SumManifest, 'compression'>): boolean {
  return isAdditive(compression) && compression.feedback.mode === 'on';
}
