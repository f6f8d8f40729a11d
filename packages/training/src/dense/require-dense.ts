import { type DenseModelSpec, type ModelSpec, TributaryError } from '@tributary/fl-core';

/** @throws TributaryError `model-unsupported` */
export function requireDense(model: ModelSpec): DenseModelSpec {
  if (model.kind === 'softmax-regression' || model.kind === 'mlp') return model;
  throw new TributaryError('model-unsupported', `the plain trainer trains dense models, not ${model.kind}`);
}
