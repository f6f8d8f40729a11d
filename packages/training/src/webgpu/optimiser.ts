/** Client optimisers over the whole flat vector, in one dispatch. */
import type { ClientOptimiser } from '@tributary/fl-core';
import { type Dispatch, dispatchOver, inAll } from './dispatch.ts';
import { groupsOf } from './matrix.ts';
import type { GpuMemory } from './memory.ts';
import { type Binding, readsRaw, writesRaw } from './storage.ts';

export function optimiserDispatch(
  optimiser: ClientOptimiser,
  trainedSize: number,
  memory: GpuMemory,
): Dispatch {
  const bindings: Record<string, Binding> = {
    parameters: writesRaw(memory.parameters, 'vec4<f32>'),
    gradient: readsRaw(memory.gradient, 'vec4<f32>'),
  };
  if (memory.lossScale) bindings.loss_scale = readsRaw(memory.lossScale, 'f32');
  memory.moments.forEach((moment, index) => {
    bindings[`moment_${index}`] = writesRaw(moment, 'vec4<f32>');
  });
  return dispatchOver({
    label: optimiser.kind,
    count: inAll(groupsOf(trainedSize)),
    bindings,
    body: `${memory.lossScale ? UNSCALED : 'let g = gradient[i];'}${ruleOf(optimiser)}`,
  });
}

/** See loss-scale.ts. A step that is left out counts in Adam's bias correction all the same. */
const UNSCALED = `if (loss_scale[1] == 0.0) { return; }
  let g = loss_scale[1] * gradient[i];`;

/** With the gradient `g`. */
function ruleOf(optimiser: ClientOptimiser): string {
  const rate = `f32(${optimiser.learningRate})`;
  switch (optimiser.kind) {
    case 'sgd':
      return `
  parameters[i] -= ${rate} * g;`;
    case 'momentum':
      return `
  let velocity = f32(${optimiser.momentum}) * moment_0[i] + g;
  moment_0[i] = velocity;
  parameters[i] -= ${rate} * velocity;`;
    case 'adam':
      // Kingma and Ba 2015, algorithm 1.
      return `
  let first = f32(${optimiser.beta1}) * moment_0[i] + f32(${1 - optimiser.beta1}) * g;
  let second = f32(${optimiser.beta2}) * moment_1[i] + f32(${1 - optimiser.beta2}) * g * g;
  moment_0[i] = first;
  moment_1[i] = second;
  let spread = sqrt(second / batch.second_correction) + f32(${optimiser.epsilon});
  parameters[i] -= ${rate} * (first / batch.first_correction) / spread;`;
  }
}
