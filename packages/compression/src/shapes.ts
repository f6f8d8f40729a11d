/** Tensors of a model, one after another in one vector. */

export const elementsOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

export const lengthOf = (shapes: readonly (readonly number[])[]): number =>
  shapes.reduce((sum, shape) => sum + elementsOf(shape), 0);
