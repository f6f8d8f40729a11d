/** Scales the gradient of a microbatch to at most the clipping norm, and adds it to the step's (Abadi et al. 2016, algorithm 1). */
import { type Dispatch, dispatchOver, inAll } from './dispatch.ts';
import { groupsOf } from './matrix.ts';
import { type GpuMemory, SQUARES } from './memory.ts';
import { readsRaw, writesRaw } from './storage.ts';

export function clippingDispatches(
  clippingNorm: number,
  trainedSize: number,
  memory: GpuMemory,
): readonly Dispatch[] {
  const groups = groupsOf(trainedSize);
  const squares = dispatchOver({
    label: 'squares of the gradient',
    count: inAll(SQUARES),
    bindings: {
      gradient: readsRaw(memory.passGradient, 'vec4<f32>'),
      squares: writesRaw(memory.scratch, 'f32'),
    },
    body: `
  var sum = 0.0;
  for (var g = i; g < ${groups}u; g += ${SQUARES}u) { sum += dot(gradient[g], gradient[g]); }
  squares[i] = sum;`,
  });
  // With a loss scale the gradient stays that many times as large until the optimiser has it.
  const norm = memory.lossScale ? 'sqrt(sum) / loss_scale[0]' : 'sqrt(sum)';
  const factor = dispatchOver({
    label: 'clipping factor',
    count: inAll(1),
    bindings: {
      squares: writesRaw(memory.scratch, 'f32'),
      ...(memory.lossScale && { loss_scale: readsRaw(memory.lossScale, 'f32') }),
    },
    workgroupSize: 1,
    body: `
  var sum = 0.0;
  for (var k = 0u; k < ${SQUARES}u; k++) { sum += squares[k]; }
  squares[${SQUARES}] = batch.microbatch_weight * min(1.0, f32(${clippingNorm}) / max(${norm}, 1e-30));`,
  });
  const folded = dispatchOver({
    label: 'clipped gradient',
    count: inAll(groups),
    bindings: {
      own: readsRaw(memory.passGradient, 'vec4<f32>'),
      squares: readsRaw(memory.scratch, 'f32'),
      gradient: writesRaw(memory.gradient, 'vec4<f32>'),
    },
    body: `
  let clipped = squares[${SQUARES}] * own[i];
  if (batch.earlier_microbatches == 0u) { gradient[i] = clipped; } else { gradient[i] += clipped; }`,
  });
  return [squares, factor, folded];
}
