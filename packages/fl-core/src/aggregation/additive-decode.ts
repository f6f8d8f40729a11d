/** What integers of a ring stand for: of one device, for its residual, or of all, for the mean. */
import { type LinearMap, openLinearMap, type RingVector, subtractDither } from '@tributary/compression';
import type { ClientId } from '../identifiers.ts';
import type { TensorShape } from '../parameters.ts';
import { isAdditive } from '../task/compression-plan.ts';
import type { SumManifest, SumPlan } from '../task/secure-sum-plan.ts';
import { ditherStream, type RoundCode } from '../update/round-code.ts';

/** Elements that are read at once. */
const PIECE = 65_536;
/** Of integers that did not wrap: no sum of this machine is as wide. */
const UNWRAPPED_BITS = 50;

export interface AdditiveDecoding {
  readonly manifest: Pick<SumManifest, 'compression'>;
  readonly shapes: readonly TensorShape[];
  readonly round: RoundCode;
  readonly plan: Pick<SumPlan, 'linear' | 'ring' | 'layout'>;
}

/** A sum as the ring has it, in steps, without the dither of its members: at most half a step more than the ring holds. */
export function sumInSteps(
  integers: RingVector,
  decoding: AdditiveDecoding,
  members: readonly ClientId[],
): Float64Array {
  const { layout, ring } = decoding.plan;
  const steps = new Float64Array(layout.length);
  for (let from = 0; from < steps.length; from += PIECE) {
    steps.set(integers.signedValues(from, Math.min(from + PIECE, steps.length)), from);
  }
  // Where every sum fits into the ring, taking the dither off must not bring it around.
  return withoutDither(steps, decoding, { members, bits: ring.levels === null ? ring.bits : UNWRAPPED_BITS });
}

/** One device's integers before they were taken modulo anything but 2^32. */
export function ownSteps(integers: Int32Array, decoding: AdditiveDecoding, clientId: ClientId): Float64Array {
  return withoutDither(Float64Array.from(integers), decoding, { members: [clientId], bits: UNWRAPPED_BITS });
}

/** In place. */
function withoutDither(
  steps: Float64Array,
  { manifest, round }: AdditiveDecoding,
  { members, bits }: { readonly members: readonly ClientId[]; readonly bits: number },
): Float64Array {
  if (isDithered(manifest)) {
    subtractDither(steps, { seed: round.seed, streams: members.map(ditherStream), bits });
  }
  return steps;
}

/**
 * One product for each element, and the rest in float32 with the same operations on every platform: the same bits everywhere.
 * @param steps are overwritten
 * @param factor what one of them is worth
 */
export function toParameters(
  steps: Float64Array,
  { manifest, shapes, round, plan }: AdditiveDecoding,
  factor: number,
): Float64Array {
  for (let i = 0; i < steps.length; i += 1) steps[i]! *= factor;
  const { sampling, rotation } = plan.linear;
  if (sampling.kind === 'all' && rotation === 'none') return steps;
  const map = openLinearMap(plan.linear, shapes, round.seed);
  return Float64Array.from(fromSampled(map, map.unrotate(Float32Array.from(steps)), manifest));
}

/** What was not sent is on the devices with error feedback, and comes later; without, the rest stands for it. */
function fromSampled(
  map: LinearMap,
  kept: Float32Array,
  manifest: AdditiveDecoding['manifest'],
): Float32Array {
  return keepsResidual(manifest) ? map.spread(kept) : map.estimate(kept);
}

export function isDithered({ compression }: Pick<SumManifest, 'compression'>): boolean {
  return isAdditive(compression) && compression.rounding === 'dithered';
}

export function keepsResidual({ compression }: Pick<SumManifest, 'compression'>): boolean {
  return isAdditive(compression) && compression.feedback.mode === 'on';
}
