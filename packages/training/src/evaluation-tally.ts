/** Accuracy, loss and confusion from logits, in double precision and independent of the backend. */
import type { Evaluation } from '@tributary/fl-core';
import { likeliest } from './prediction-rows.ts';

export interface EvaluationTally {
  /** `logits` holds one row of `classes` values for each label. */
  add(logits: Float32Array, labels: Int32Array): void;
  /** @param exampleCount examples behind the labels (a character model has many labels per example) */
  result(exampleCount: number): Evaluation;
}

export function createEvaluationTally(classes: number, options: { confusion: boolean }): EvaluationTally {
  const confusion = options.confusion ? new Array<number>(classes * classes).fill(0) : [];
  let right = 0;
  let loss = 0;
  let seen = 0;
  return {
    add(logits, labels) {
      for (let row = 0; row < labels.length; row += 1) {
        const label = labels[row];
        const from = row * classes;
        const best = likeliest(logits, from, classes);
        const highest = logits[from + best];
        let sum = 0;
        for (let k = 0; k < classes; k += 1) sum += Math.exp(logits[from + k] - highest);
        loss += Math.log(sum) - (logits[from + label] - highest);
        if (best === label) right += 1;
        if (options.confusion) confusion[label * classes + best] += 1;
      }
      seen += labels.length;
    },
    result: (exampleCount) => ({ exampleCount, accuracy: right / seen, loss: loss / seen, confusion }),
  };
}
