/**
 * What happens to an update before it is rounded: sampling, then rotation. Linear and the same for all in a round, so that
 * the sum of what they send is what would have been made of the sum of their updates.
 */
import { lengthOf } from '../shapes.ts';
import type { LinearLengths, LinearPlan, Shapes } from './linear-lengths.ts';
import { openRotation } from './rotation.ts';
import { openSampling } from './sampling.ts';

/** Each function but `rotated` gives a new array. */
export interface LinearMap extends LinearLengths {
  /** Element i of the rotated ones is of block i mod `blocks`; `to` of them without a rotation. */
  readonly blocks: number;
  /** `from` elements to `kept`. */
  sample(values: Float32Array): Float32Array<ArrayBuffer>;
  /** `kept` elements to `to`: orthonormal, padded with zeros before. */
  rotate(kept: Float32Array): Float32Array<ArrayBuffer>;
  /** As `rotate`, in an array that is good until the next call, or that was given. */
  rotated(kept: Float32Array): Float32Array;
  /** `to` elements to `kept`. */
  unrotate(rotated: Float32Array): Float32Array<ArrayBuffer>;
  /** `kept` elements to `from`, zeros where nothing was sampled: the adjoint of `sample`, for error feedback. */
  spread(kept: Float32Array): Float32Array<ArrayBuffer>;
  /** `kept` elements to `from`, such that its mean over the seeds is what was sampled; without error feedback. */
  estimate(kept: Float32Array): Float32Array<ArrayBuffer>;
}

/**
 * @param shapes of the model's tensors, in the order of the update
 * @param seed of the round: 32 bytes, public
 */
export function openLinearMap(plan: LinearPlan, shapes: Shapes, seed: Uint8Array): LinearMap {
  const { kept, sample, spread, estimate } = openSampling(plan.sampling, shapes, seed);
  const rotation = openRotation(plan.rotation, kept, seed);
  return { from: lengthOf(shapes), kept, sample, spread, estimate, ...rotation };
}
