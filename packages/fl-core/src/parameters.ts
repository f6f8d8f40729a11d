/** Model parameters (or a model delta) as one flat buffer with the shapes that cut it into tensors. */
import { TributaryError } from './errors.ts';

export type TensorShape = readonly number[];

export interface ParameterSet {
  readonly shapes: readonly TensorShape[];
  /** `sum(product(shape))` values, tensors one after another, each row-major. */
  readonly values: Float32Array;
}

export function tensorSize(shape: TensorShape): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}

export function parameterCount(shapes: readonly TensorShape[]): number {
  return shapes.reduce((count, shape) => count + tensorSize(shape), 0);
}

/** Views of each tensor, sharing memory with `parameters.values`. */
export function tensorViews(parameters: ParameterSet): Float32Array[] {
  let offset = 0;
  return parameters.shapes.map((shape) => {
    const view = parameters.values.subarray(offset, offset + tensorSize(shape));
    offset += view.length;
    return view;
  });
}

export function sameShapes(left: readonly TensorShape[], right: readonly TensorShape[]): boolean {
  return (
    left.length === right.length &&
    left.every((shape, tensor) => {
      const other = right[tensor]!;
      return shape.length === other.length && shape.every((dimension, axis) => dimension === other[axis]);
    })
  );
}

/** `modelDelta` = trained - initial, element by element, in float32. */
export function modelDelta(trained: ParameterSet, initial: ParameterSet): ParameterSet {
  if (!sameShapes(trained.shapes, initial.shapes)) {
    throw new TributaryError('update-shape-mismatch', 'trained and initial parameters differ in shape');
  }
  const values = new Float32Array(initial.values.length);
  for (let i = 0; i < values.length; i += 1) values[i] = trained.values[i]! - initial.values[i]!;
  return { shapes: initial.shapes, values };
}
