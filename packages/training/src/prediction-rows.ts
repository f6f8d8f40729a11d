/** Probabilities from logits, in double precision and independent of the backend. */
import type { Predictions } from '@tributary/fl-core';

export interface PredictionRows {
  /** The next rows of `classes` logits. */
  add(logits: Float32Array): void;
  result(): Predictions;
}

export function createPredictionRows(classes: number, rows: number): PredictionRows {
  const predicted = new Int32Array(rows);
  const probabilities = new Float32Array(rows * classes);
  let row = 0;
  return {
    add(logits) {
      for (let from = 0; from < logits.length; from += classes) {
        const best = likeliest(logits, from, classes);
        const highest = logits[from + best];
        let sum = 0;
        for (let k = 0; k < classes; k += 1) sum += Math.exp(logits[from + k] - highest);
        const at = row * classes;
        for (let k = 0; k < classes; k += 1) {
          probabilities[at + k] = Math.exp(logits[from + k] - highest) / sum;
        }
        predicted[row] = best;
        row += 1;
      }
    },
    result: () => ({ classes, predicted, probabilities }),
  };
}

/** The class with the highest logit, the first of equals: evaluation and prediction must not differ in it. */
export function likeliest(logits: Float32Array, from: number, classes: number): number {
  let best = 0;
  for (let k = 1; k < classes; k += 1) if (logits[from + k] > logits[from + best]) best = k;
  return best;
}
