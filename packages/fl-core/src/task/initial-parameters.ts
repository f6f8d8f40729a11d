/** Initial parameters from a seed: Glorot uniform for kernels (Glorot and Bengio 2010, eq. 16), zero biases. */
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
import { parameterShapes } from './model-shape.ts';

/** The same seed gives the same bits on every engine: only exact operations and one square root are used. */
export function initialParameters(model: ModelSpec, seed: string): ParameterSet {
  const shapes = parameterShapes(model);
  const parameters = { shapes, values: new Float32Array(parameterCount(shapes)) };
  const random = seededRandom(`initial-parameters/${seed}`);
  tensorViews(parameters).forEach((tensor, index) => {
    const shape = shapes[index]!;
    if (shape.length < 2) return;
    const limit = Math.sqrt(6 / fanSum(shape));
    for (let i = 0; i < tensor.length; i += 1) tensor[i] = (2 * unitInterval(random) - 1) * limit;
  });
  return parameters;
}

/** Fan-in + fan-out; for a convolution kernel [h, w, in, out] each counts its receptive field. */
function fanSum(shape: TensorShape): number {
  const receptiveField = tensorSize(shape.slice(0, -2));
  return receptiveField * (shape.at(-2)! + shape.at(-1)!);
}
