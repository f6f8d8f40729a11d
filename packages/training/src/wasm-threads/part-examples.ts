/** The examples of a thread's part, in shared memory. */
import type { ExampleSet } from '@tributary/fl-core';
import type { Network } from '../network/network.ts';
import type { ThreadPlace } from './shared-plan.ts';

/** The thread reads them there; the coordinating thread puts them there with `putExamples`. */
export function partExamples(
  { buffer }: WebAssembly.Memory,
  network: Network,
  { inputs, labels }: Pick<ThreadPlace, 'inputs' | 'labels'>,
  count: number,
): ExampleSet {
  const input = network.values[network.input];
  const labelsPerExample = network.values[network.logits].rows;
  return {
    count,
    inputShape: [input.rows, input.width],
    inputs: new Float32Array(buffer, inputs, count * input.rows * input.width),
    labelsPerExample,
    labels: new Int32Array(buffer, labels, count * labelsPerExample),
  };
}

export function putExamples(from: ExampleSet, indices: Int32Array, into: ExampleSet): void {
  const size = into.inputs.length / into.count;
  const labels = into.labelsPerExample;
  indices.forEach((index, row) => {
    into.inputs.set(from.inputs.subarray(index * size, (index + 1) * size), row * size);
    into.labels.set(from.labels.subarray(index * labels, (index + 1) * labels), row * labels);
  });
}
