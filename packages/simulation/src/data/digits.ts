/**
 * Handwritten digits that nobody wrote: the project's own data for demonstrations and tests, in the format of
 * MNIST. The same seed gives the same bytes on every engine.
 */
import { type ExampleSet, integerBelow, seededRandom } from '@tributary/fl-core';
import { drawHandwriting, type Handwriting } from './handwriting.ts';
import { DIGIT_PIXELS, drawDigit } from './pen.ts';

export const DIGIT_LABELS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

export interface Digits {
  /** `count` images of 28 x 28 pixels, row-major, 0 for paper and 255 for ink. */
  readonly images: Uint8Array;
  /** The digit on each image. */
  readonly labels: Int32Array;
}

export interface DigitsRequest {
  readonly seed: string;
  readonly count: number;
  /** The digits to draw from; all ten when absent. Each image draws one of them uniformly. */
  readonly labels?: readonly number[];
  /** One person's hand for all images; when absent every image is written by somebody else. */
  readonly style?: Handwriting;
}

export function generateDigits(request: DigitsRequest): Digits {
  const { count, style } = request;
  const choices = request.labels ?? DIGIT_LABELS.map(Number);
  const random = seededRandom(`digits/${request.seed}`);
  const digits = { images: new Uint8Array(count * DIGIT_PIXELS), labels: new Int32Array(count) };
  for (let i = 0; i < count; i += 1) {
    const label = choices[integerBelow(random, choices.length)]!;
    const image = digits.images.subarray(i * DIGIT_PIXELS, (i + 1) * DIGIT_PIXELS);
    digits.labels[i] = label;
    drawDigit(image, label, style ?? drawHandwriting(random), random);
  }
  return digits;
}

/** One person's hand, from a seed. */
export function handwritingOf(seed: string): Handwriting {
  return drawHandwriting(seededRandom(`handwriting/${seed}`));
}

/** Images as a trainer reads them: pixels as floats in [0, 1]. */
export function imageExamples(digits: Digits, inputShape: readonly number[] = [DIGIT_PIXELS]): ExampleSet {
  return {
    count: digits.labels.length,
    inputShape,
    inputs: Float32Array.from(digits.images, (pixel) => pixel / 255),
    labelsPerExample: 1,
    labels: digits.labels,
  };
}
