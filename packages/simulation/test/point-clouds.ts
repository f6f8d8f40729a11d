/** Points around one centre for each class: a data set on which a test trains in milliseconds. */
import { type ExampleSet, seededRandom, standardNormal } from '@tributary/fl-core';

const FEATURES = 8;
const CLASSES = 4;

export function pointClouds(seed: string, count: number): ExampleSet {
  const random = seededRandom(seed);
  const centres = seededRandom('centres');
  const centre = Array.from({ length: CLASSES * FEATURES }, () => standardNormal(centres));
  const labels = Int32Array.from({ length: count }, (_, row) => row % CLASSES);
  const inputs = Float32Array.from(
    { length: count * FEATURES },
    (_, i) => centre[labels[Math.floor(i / FEATURES)]! * FEATURES + (i % FEATURES)]! + standardNormal(random),
  );
  return { count, inputShape: [FEATURES], inputs, labelsPerExample: 1, labels };
}
