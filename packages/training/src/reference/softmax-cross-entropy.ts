/** Both as `Network` defines the loss, for one example whose rows of logits stand one after another. */

export interface LabelledLogits {
  readonly logits: Float64Array;
  readonly labels: Int32Array;
}

/** @returns mean over the rows, in nats */
export function crossEntropy({ logits, labels }: LabelledLogits): number {
  const classes = logits.length / labels.length;
  let loss = 0;
  for (let row = 0; row < labels.length; row += 1) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    loss += logSumOfPowers(scores) - scores[labels[row]];
  }
  return loss / labels.length;
}

/** Writes the gradient of `weight` times the cross-entropy. */
export function writeLogitsGradient(
  { logits, labels }: LabelledLogits,
  { weight, gradient }: { readonly weight: number; readonly gradient: Float64Array },
): void {
  const classes = logits.length / labels.length;
  for (let row = 0; row < labels.length; row += 1) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    const logSum = logSumOfPowers(scores);
    for (let k = 0; k < classes; k += 1) {
      const error = Math.exp(scores[k] - logSum) - (k === labels[row] ? 1 : 0);
      gradient[row * classes + k] = (weight / labels.length) * error;
    }
  }
}

function logSumOfPowers(scores: Float64Array): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (const score of scores) highest = Math.max(highest, score);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - highest);
  return highest + Math.log(sum);
}
