/** Generated digits are a task: they can be learnt, and better from many hands than from one. */
import { seededRandom } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { DIGIT_PIXELS, type Digits, generateDigits, handwritingOf } from '../src/index.ts';

describe('generated digits', () => {
  it('can be told apart: the nearest of 2,000 others has the same label for eight in ten', () => {
    expect(nearestNeighbourAccuracy(generateDigits({ seed: 'known', count: 2000 }))).toBeGreaterThan(0.8);
  });

  it('tell one hand from many: whoever knows one hand only reads others at least ten points worse', () => {
    const one = generateDigits({ seed: 'known', count: 150, style: handwritingOf('somebody') });
    const many = generateDigits({ seed: 'known', count: 1500 });
    expect(nearestNeighbourAccuracy(one)).toBeLessThan(nearestNeighbourAccuracy(many) - 0.1);
  });
});

function nearestNeighbourAccuracy(known: Digits): number {
  const asked = generateDigits({ seed: 'asked', count: 200 });
  const random = seededRandom('pixels');
  // A quarter of the pixels is enough to find the nearest, and four times as fast.
  const pixels = Array.from({ length: DIGIT_PIXELS / 4 }, () => random.nextUint32() % DIGIT_PIXELS);
  let correct = 0;
  for (let question = 0; question < asked.labels.length; question += 1) {
    let nearest = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let other = 0; other < known.labels.length; other += 1) {
      let distance = 0;
      for (const pixel of pixels) {
        const difference =
          asked.images[question * DIGIT_PIXELS + pixel]! - known.images[other * DIGIT_PIXELS + pixel]!;
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        nearest = other;
      }
    }
    if (known.labels[nearest] === asked.labels[question]) correct += 1;
  }
  return correct / asked.labels.length;
}
