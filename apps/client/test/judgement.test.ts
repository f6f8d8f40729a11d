import { expect, it } from 'vitest';
import { frequentMistakes } from '../src/participant-page/trial/frequent-mistakes.ts';
import { judge } from '../src/participant-page/trial/judgement.ts';

const predictions = {
  classes: 3,
  predicted: Int32Array.of(0, 1, 1, 2),
  probabilities: Float32Array.of(0.8, 0.1, 0.1, 0.2, 0.5, 0.3, 0, 1, 0, 0.25, 0.25, 0.5),
};

it('counts accuracy, loss and confusion, and says of each example what the model says', () => {
  const judged = judge(predictions, { labels: Int32Array.of(0, 1, 2, 2), labelsPerExample: 1 });
  expect(judged.accuracy).toBe(0.75);
  const expected = -(Math.log(0.8) + Math.log(0.5) + Math.log(1e-12) + Math.log(0.5)) / 4;
  expect(judged.loss).toBeCloseTo(expected, 5);
  expect(judged.confusion).toEqual([1, 0, 0, 0, 1, 0, 0, 1, 1]);
  expect(judged.examples[2]).toEqual({ index: 2, label: 2, predicted: 1, probability: 1 });
  expect(frequentMistakes(judged, 5)).toEqual([{ label: 2, predicted: 1, times: 1 }]);
});

it('shows of a text the last character of each example, and counts them all', () => {
  const judged = judge(predictions, { labels: Int32Array.of(0, 1, 2, 2), labelsPerExample: 2 });
  expect(judged).toMatchObject({ exampleCount: 2, accuracy: 0.75 });
  expect(judged.examples.map(({ index, label }) => [index, label])).toEqual([
    [0, 1],
    [1, 2],
  ]);
});
