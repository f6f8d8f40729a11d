/** What a built-in model means, by the engine that the fast ones are compared with. */
import { type BuiltInModelSpec, type ExampleSet, modelClasses, type ParameterSet } from '@tributary/fl-core';
import { networkOf } from '@tributary/training/network';
import { createReferenceEngine } from '../../../packages/training/src/reference/reference-engine.ts';

export interface Prediction {
  readonly parameters: ParameterSet;
  /** Of an adapted model. */
  readonly frozen: ParameterSet | null;
  readonly examples: ExampleSet;
}

/** A row of probabilities per label. */
export function referenceProbabilities(
  model: BuiltInModelSpec,
  { parameters, frozen, examples }: Prediction,
): number[] {
  const engine = createReferenceEngine({
    network: networkOf(model),
    optimiser: { kind: 'sgd', learningRate: 0.1 },
    batchSize: 1,
    clipping: null,
    examplesPerPass: 1,
  });
  engine.load(parameters.values, [], frozen?.values ?? new Float32Array());
  const logits = engine.predict(examples, 0, examples.count) as Float32Array;
  const classes = modelClasses(model);
  const rows = Array.from({ length: logits.length / classes }, (_, row) =>
    Array.from(logits.subarray(row * classes, (row + 1) * classes)),
  );
  return rows.flatMap((row) => {
    const exponentials = row.map((value) => Math.exp(value - Math.max(...row)));
    const sum = exponentials.reduce((total, value) => total + value, 0);
    return exponentials.map((value) => value / sum);
  });
}
