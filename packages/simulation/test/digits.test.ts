import { blobHashOf, seededRandom } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { DIGIT_PIXELS, type Digits, generateDigits, handwritingOf, imageExamples } from '../src/index.ts';

describe('generated digits', () => {
  it('are the same bytes for the same seed on every engine', () => {
    const digits = generateDigits({ seed: 'frozen', count: 50 });
    expect(blobHashOf(digits.images)).toMatchInlineSnapshot(
      `"d97c14c03fa810fe0c8e9ea712bc06ea32a43e2e17eacdd8567281a158bc0c4f"`,
    );
    expect([...digits.labels.subarray(0, 10)]).toMatchInlineSnapshot(`
      [
        8,
        4,
        4,
        8,
        3,
        3,
        4,
        5,
        8,
        6,
      ]
    `);
  });

  it('differ between seeds', () => {
    expect(generateDigits({ seed: 'a', count: 5 }).images).not.toEqual(
      generateDigits({ seed: 'b', count: 5 }).images,
    );
  });

  it('hold ink in the middle and paper at the border', () => {
    const { images } = generateDigits({ seed: 'ink', count: 200 });
    let border = 0;
    let middle = 0;
    for (let i = 0; i < images.length; i += 1) {
      const x = i % 28;
      const y = Math.floor(i / 28) % 28;
      const isBorder = x === 0 || y === 0 || x === 27 || y === 27;
      const isMiddle = x > 6 && x < 21 && y > 4 && y < 23;
      if (isBorder) border += images[i]! > 128 ? 1 : 0;
      else if (isMiddle) middle += images[i]! > 128 ? 1 : 0;
    }
    expect(middle / 200).toBeGreaterThan(30);
    expect(border / 200).toBeLessThan(1);
  });

  it('are of the asked-for labels only', () => {
    const { labels } = generateDigits({ seed: 'few', count: 100, labels: [3, 7] });
    expect(new Set(labels)).toEqual(new Set([3, 7]));
  });

  it('can be told apart: the nearest of 2,000 others has the same label for eight in ten', () => {
    expect(nearestNeighbourAccuracy(generateDigits({ seed: 'known', count: 2000 }))).toBeGreaterThan(0.8);
  });

  it('tell one hand from many: whoever knows one hand only reads others at least ten points worse', () => {
    const one = generateDigits({ seed: 'known', count: 150, style: handwritingOf('somebody') });
    const many = generateDigits({ seed: 'known', count: 1500 });
    expect(nearestNeighbourAccuracy(one)).toBeLessThan(nearestNeighbourAccuracy(many) - 0.1);
  });

  it('become floats in [0, 1] for a trainer', () => {
    const digits = generateDigits({ seed: 'floats', count: 3 });
    const examples = imageExamples(digits);
    expect(examples.count).toBe(3);
    expect(examples.inputs[100]).toBeCloseTo(digits.images[100]! / 255, 6);
    expect(Math.max(...examples.inputs)).toBeLessThanOrEqual(1);
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
