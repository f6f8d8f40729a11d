import type { ExampleSet } from '@tributary/fl-core';

/** The chosen examples as arrays of their own. */
export function gather(
  examples: ExampleSet,
  batch: Int32Array,
): { inputs: Float32Array; labels: Int32Array } {
  const rowSize = examples.inputs.length / examples.count;
  const { labelsPerExample } = examples;
  const inputs = new Float32Array(batch.length * rowSize);
  const labels = new Int32Array(batch.length * labelsPerExample);
  batch.forEach((example, row) => {
    inputs.set(examples.inputs.subarray(example * rowSize, (example + 1) * rowSize), row * rowSize);
    const from = example * labelsPerExample;
    labels.set(examples.labels.subarray(from, from + labelsPerExample), row * labelsPerExample);
  });
  return { inputs, labels };
}
