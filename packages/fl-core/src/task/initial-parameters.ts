/** Initial parameters from a seed. */
import {
  type ParameterSet,
  parameterCount,
  type TensorShape,
  tensorSize,
  tensorViews,
} from '../parameters.ts';
import { unitInterval } from '../random/draws.ts';
import { seededRandom } from '../random/xoshiro.ts';
import type { ModelSpec } from './model.ts';
import { type ParameterTensor, parameterTensors } from './parameter-tensors.ts';

/** The same seed gives the same bits on every engine: only exact operations and one square root are used. */
export function initialParameters(model: ModelSpec, seed: string): ParameterSet {
  const tensors = parameterTensors(model);
  const shapes = tensors.map(({ shape }) => shape);
  const parameters = { shapes, values: new Float32Array(parameterCount(shapes)) };
  const random = seededRandom(`initial-parameters/${seed}`);
  tensorViews(parameters).forEach((view, index) => {
    const tensor = tensors[index]!;
    if (tensor.initial === 'ones') view.fill(1);
    const limit = limitOf(tensor);
    if (limit === 0) return;
    for (let i = 0; i < view.length; i += 1) view[i] = (2 * unitInterval(random) - 1) * limit;
  });
  return parameters;
}

/** Values are drawn uniformly from +-limit; none are drawn for 0. */
function limitOf({ initial, shape }: ParameterTensor): number {
  switch (initial) {
    case 'glorot':
      // Glorot and Bengio 2010, eq. 16.
      return Math.sqrt(6 / fanSum(shape));
    case 'table':
      return 0.05;
    case 'zeros':
    case 'ones':
      return 0;
  }
}

/** Fan-in + fan-out; for a convolution kernel [h, w, in, out] each counts its receptive field. */
function fanSum(shape: TensorShape): number {
  const receptiveField = tensorSize(shape.slice(0, -2));
  return receptiveField * (shape.at(-2)! + shape.at(-1)!);
}
