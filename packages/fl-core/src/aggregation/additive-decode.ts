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
  // Where every sum fits into the ring, taking the dither off must not bring it around.
  const bits = ring.levels === null ? ring.bits : UNWRAPPED_BITS;
  const takeDitherOff = openDither(decoding, members, bits);
  for (let from = 0; from < steps.length; from += PIECE) {
    const piece = steps.subarray(from, from + PIECE);
    piece.set(integers.signedValues(from, from + piece.length));
    takeDitherOff(piece, from);
  }
  return steps;
}

/** Ends at the first that is not. */
export function isAllZero(integers: RingVector, length: number): boolean {
  for (let from = 0; from < length; from += PIECE) {
    if (integers.signedValues(from, Math.min(from + PIECE, length)).some((value) => value !== 0))
      return false;
  }
  return true;
}

/** One device's integers as the coordinator will read them. */
export interface OwnDecoding {
  /** Integers before they were taken modulo anything but 2^32, from element `from` of the code. */
  read(integers: Int32Array, from: number): void;
  /** When all were read: of the model, in an array of their own. */
  parameters(): Float32Array<ArrayBuffer> | Float64Array;
}

/**
 * @param device its round's map, what one of its integers is worth, and `rotated`, the elements that were rounded: each is
 * overwritten when its integer is read, because memory for another million costs more than all that is computed here
 */
export function openOwnDecoding(
  decoding: AdditiveDecoding,
  device: {
    readonly clientId: ClientId;
    readonly map: LinearMap;
    readonly rotated: Float32Array;
    readonly factor: number;
  },
): OwnDecoding {
  const { clientId, map, rotated, factor } = device;
  const takeDitherOff = openDither(decoding, [clientId], UNWRAPPED_BITS);
  const values = isIdentity(decoding.plan.linear) ? new Float64Array(map.to) : rotated;
  const scratch = new Float64Array(Math.min(PIECE, map.to));
  return {
    read(integers, from) {
      for (let start = 0; start < integers.length; start += PIECE) {
        const piece = integers.subarray(start, start + PIECE);
        const steps = scratch.subarray(0, piece.length);
        steps.set(piece);
        takeDitherOff(steps, from + start);
        for (let i = 0; i < steps.length; i += 1) steps[i]! *= factor;
        values.set(steps, from + start);
      }
    },
    parameters: () =>
      values instanceof Float64Array ? values : fromSampled(map, map.unrotate(values), decoding.manifest),
  };
}

/** @returns what changes steps in place, of which the first is element `from` of the code */
function openDither(
  { manifest, round }: AdditiveDecoding,
  members: readonly ClientId[],
  bits: number,
): (steps: Float64Array, from: number) => void {
  if (!isDithered(manifest)) return () => {};
  const streams = members.map(ditherStream);
  return (steps, from) => subtractDither(steps, { seed: round.seed, streams, bits, from });
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
  if (isIdentity(plan.linear)) return steps;
  const map = openLinearMap(plan.linear, shapes, round.seed);
  return new Float64Array(fromSampled(map, map.unrotate(new Float32Array(steps)), manifest));
}

function isIdentity({ sampling, rotation }: SumPlan['linear']): boolean {
  return sampling.kind === 'all' && rotation === 'none';
}

/** What was not sent is on the devices with error feedback, and comes later; without, the rest stands for it. */
function fromSampled(
  map: LinearMap,
  kept: Float32Array,
  manifest: AdditiveDecoding['manifest'],
): Float32Array<ArrayBuffer> {
  return keepsResidual(manifest) ? map.spread(kept) : map.estimate(kept);
}

export function isDithered({ compression }: Pick<SumManifest, 'compression'>): boolean {
  return isAdditive(compression) && compression.rounding === 'dithered';
}

export function keepsResidual({ compression }: Pick<SumManifest, 'compression'>): boolean {
  return isAdditive(compression) && compression.feedback.mode === 'on';
}
