/** Handwritten digits as MNIST has them: 28 x 28, one channel. */
import type { ImageDataSchema } from '@tributary/fl-core';

export const DIGIT_IMAGES: ImageDataSchema = {
  kind: 'image',
  height: 28,
  width: 28,
  channels: 1,
  labels: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
};

export const DIGIT_PIXELS = 28 * 28;
