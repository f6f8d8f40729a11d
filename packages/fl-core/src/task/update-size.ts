/**
 * About how many bytes one update has, frame included: for people, who read it with two digits, without loading the code that
 * makes it. What the network carries is measured; what a plan will cost is forecast by its dry run.
 */
import { packedBytes, ringPlan } from '@tributary/compression';
import { parameterCount, type TensorShape, tensorSize } from '../parameters.ts';
import { frameLength } from '../wire/frame.ts';
import { type AdditivePlan, type ClearPlan, isAdditive, type SamplingPlan } from './compression-plan.ts';
import type { TaskManifest } from './manifest.ts';
import { inviteCount } from './round-plan.ts';

/** Of a frame of integers, with its five counts. */
const RING_FRAME_BYTES = 36;
/** Of a coded frame, and of what a code says about itself. */
const CODED_FRAME_BYTES = 24;
/** Of an exponent of a float, once coded. */
const EXPONENT_BITS = 3;
/** Beside the logarithm of how rare a kept coordinate is (Golomb and Rice). */
const BITS_OF_AN_INDEX = 2;

export function updateSize(
  manifest: Pick<TaskManifest, 'compression' | 'rounds'>,
  shapes: readonly TensorShape[],
): number {
  const { compression, rounds } = manifest;
  if (compression.codec === 'float32') return frameLength(shapes);
  if (isAdditive(compression))
    return RING_FRAME_BYTES + additiveSize(compression, inviteCount(rounds), shapes);
  return CODED_FRAME_BYTES + Math.ceil(clearBits(compression, shapes) / 8);
}

function additiveSize(plan: AdditivePlan, maximumCohort: number, shapes: readonly TensorShape[]): number {
  const kept = sampled(plan.sampling, shapes);
  const length = plan.rotation === 'full' ? 2 ** Math.ceil(Math.log2(Math.max(kept, 1))) : kept;
  if (plan.codec === 'tuned') return packedBytes(length, plan.ringBits);
  const ring = ringPlan({ ...plan, maximumCohort, length });
  return ring.kind === 'impossible' ? 0 : packedBytes(length, ring.bits);
}

function sampled(sampling: SamplingPlan, shapes: readonly TensorShape[]): number {
  const all = parameterCount(shapes);
  switch (sampling.kind) {
    case 'all':
      return all;
    case 'random-k':
    case 'neurons':
      return Math.max(1, Math.round(sampling.fraction * all));
    case 'low-rank':
      return thin(shapes, ([rows, columns]) => rows * Math.min(sampling.rank, columns));
  }
}

function clearBits(plan: ClearPlan, shapes: readonly TensorShape[]): number {
  const all = parameterCount(shapes);
  switch (plan.codec) {
    case 'eden':
      return all * plan.fraction * plan.bits;
    case 'codebook':
      return all * plan.bits;
    case 'top-k':
      return all * plan.fraction * (plan.valueBits + BITS_OF_AN_INDEX + Math.log2(1 / plan.fraction));
    case 'truncated':
      return all * (EXPONENT_BITS + 1 + plan.mantissaBits);
    case 'power-sgd':
      return 32 * thin(shapes, ([rows, columns]) => Math.min(plan.rank * (rows + columns), rows * columns));
  }
}

/** Of matrices what `sizeOf` says; vectors as they are. */
function thin(
  shapes: readonly TensorShape[],
  sizeOf: (matrix: readonly [rows: number, columns: number]) => number,
): number {
  return shapes.reduce((sum, shape) => {
    const columns = shape.at(-1) ?? 1;
    return sum + (shape.length < 2 ? tensorSize(shape) : sizeOf([tensorSize(shape) / columns, columns]));
  }, 0);
}
