/**
 * Dynamic loss scaling (Micikevicius et al. 2018, section 3.2): small gradients, which half precision would round to zero, are
 * computed `scale` times as large. A step in which one overflows is left out, and the scale halved; after many good steps it
 * doubles. All of that is decided on the GPU, so that no step waits for an answer.
 */
import { type Dispatch, dispatchOver, inAll } from './dispatch.ts';
import { groupsOf } from './matrix.ts';
import { type BufferRange, readsRaw, writesRaw } from './storage.ts';

export interface LossScaling {
  readonly initial: number;
  readonly stepsToDouble: number;
}

export const LOSS_SCALING: LossScaling = { initial: 65_536, stepsToDouble: 2000 };

/** Beyond these a scale does not help: at 1 the values themselves overflow, at the other end no gradient is that small. */
const LEAST = 1;
const MOST = 2 ** 24;

/** Four floats: the scale, what the optimiser multiplies gradients by (0 leaves the step out), good steps in a row, steps left out. */
export const LOSS_SCALE_BYTES = 16;

export function initialLossScale({ initial }: LossScaling): Float32Array<ArrayBuffer> {
  return Float32Array.of(initial, 1 / initial, 0, 0);
}

export interface LossScale {
  readonly scale: number;
  readonly skippedSteps: number;
}

export function readLossScale([scale, , , skippedSteps]: Float32Array): LossScale {
  return { scale: scale!, skippedSteps: skippedSteps! };
}

/** Invocations that look for what is not finite. */
const SEEKERS = 256;

interface Places {
  readonly gradient: BufferRange;
  readonly lossScale: BufferRange;
  /** At least 4 bytes for each seeker. */
  readonly scratch: BufferRange;
}

/** Between the backward pass and the optimiser. */
export function lossScaleDispatches(
  { stepsToDouble }: LossScaling,
  trainedSize: number,
  { gradient, lossScale, scratch }: Places,
): readonly Dispatch[] {
  const groups = groupsOf(trainedSize);
  // By their bits, because WGSL lets a compiler assume that floats are finite.
  const seek = dispatchOver({
    label: 'overflows',
    count: inAll(SEEKERS),
    bindings: { gradient: readsRaw(gradient, 'vec4<f32>'), found: writesRaw(scratch, 'u32') },
    body: `
  let exponent = vec4<u32>(0x7f800000u);
  var overflows = 0u;
  for (var g = i; g < ${groups}u; g += ${SEEKERS}u) {
    overflows |= u32(any((bitcast<vec4<u32>>(gradient[g]) & exponent) == exponent));
  }
  found[i] = overflows;`,
  });
  const decide = dispatchOver({
    label: 'loss scale',
    count: inAll(1),
    workgroupSize: 1,
    bindings: { found: readsRaw(scratch, 'u32'), loss_scale: writesRaw(lossScale, 'f32') },
    body: `
  var overflows = 0u;
  for (var k = 0u; k < ${SEEKERS}u; k++) { overflows |= found[k]; }
  let scale = loss_scale[0];
  if (overflows != 0u) {
    loss_scale[0] = max(f32(${LEAST}), 0.5 * scale);
    loss_scale[1] = 0.0;
    loss_scale[2] = 0.0;
    loss_scale[3] += 1.0;
    return;
  }
  let good_steps = loss_scale[2] + 1.0;
  let doubles = good_steps >= f32(${stepsToDouble});
  loss_scale[0] = select(scale, min(f32(${MOST}), 2.0 * scale), doubles);
  loss_scale[1] = 1.0 / scale;
  loss_scale[2] = select(good_steps, 0.0, doubles);`,
  });
  return [seek, decide];
}
