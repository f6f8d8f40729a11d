/** How a model does on some examples, counted from what it says about each. */
import type { Predictions } from '@tributary/fl-core';

export interface JudgedExample {
  /** Which of the examples. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** Of the predicted class. */
  readonly probability: number;
}

export interface Judgement {
  readonly exampleCount: number;
  /** Fraction in [0, 1]; for text, of characters. */
  readonly accuracy: number;
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  readonly classes: number;
  /** Row-major `classes x classes` counts, true class by row. */
  readonly confusion: readonly number[];
  /** One for each example; for text, its last character. */
  readonly examples: readonly JudgedExample[];
}

/** A probability that was rounded to nothing must not make the loss infinite. */
const LEAST_PROBABILITY = 1e-12;

export function judge(
  { classes, predicted, probabilities }: Predictions,
  { labels, labelsPerExample }: { readonly labels: Int32Array; readonly labelsPerExample: number },
): Judgement {
  const confusion = new Array<number>(classes * classes).fill(0);
  const examples: JudgedExample[] = [];
  let right = 0;
  let loss = 0;
  labels.forEach((label, row) => {
    const said = predicted[row]!;
    const from = row * classes;
    confusion[label * classes + said]! += 1;
    if (said === label) right += 1;
    loss -= Math.log(Math.max(LEAST_PROBABILITY, probabilities[from + label]!));
    if ((row + 1) % labelsPerExample !== 0) return;
    const index = (row + 1) / labelsPerExample - 1;
    examples.push({ index, label, predicted: said, probability: probabilities[from + said]! });
  });
  return {
    exampleCount: examples.length,
    accuracy: right / labels.length,
    loss: loss / labels.length,
    classes,
    confusion,
    examples,
  };
}
