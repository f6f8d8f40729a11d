/** What is trained: the models, and examples that every program of a comparison gets, to the last bit. */
import type { ExampleSet } from '@tributary/fl-core';
import { randomExamples, TYPICAL_MODELS, type TypicalModel } from '@tributary/training/roofline';

export interface Workload {
  readonly model: TypicalModel;
  /**
   * `digits` are as sparse as MNIST, where 81 inputs of 100 are zero: an engine that skips them gains, and not on data of
   * another kind. So models of digits are measured with `dense` inputs, too.
   */
  readonly data: 'digits' | 'dense' | 'text';
  readonly batch: number;
}

export const LEARNING_RATE = 0.05;
const BATCHES = 8;

export const modelOf = ({ model }: Workload) => TYPICAL_MODELS[model];

export const examplesOf = (workload: Workload): ExampleSet =>
  randomExamples(modelOf(workload), {
    count: BATCHES * workload.batch,
    percentZeros: workload.data === 'digits' ? 81 : 0,
  });

/** The batches that a program goes through again and again. */
export const batchesOf = ({ batch }: Workload): Int32Array[] =>
  Array.from({ length: BATCHES }, (_, index) =>
    Int32Array.from({ length: batch }, (__, example) => index * batch + example),
  );
