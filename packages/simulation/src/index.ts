export {
  DIGIT_LABELS,
  type Digits,
  type DigitsRequest,
  generateDigits,
  handwritingOf,
  imageExamples,
} from './data/digits.ts';
export type { Handwriting } from './data/handwriting.ts';
export { DIGIT_PIXELS, DIGIT_SIDE } from './data/pen.ts';
