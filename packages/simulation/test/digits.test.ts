import { blobHashOf } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { generateDigits, imageExamples } from '../src/index.ts';

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

  it('become floats in [0, 1] for a trainer', () => {
    const digits = generateDigits({ seed: 'floats', count: 3 });
    const examples = imageExamples(digits);
    expect(examples.count).toBe(3);
    expect(examples.inputs[100]).toBeCloseTo(digits.images[100]! / 255, 6);
    expect(Math.max(...examples.inputs)).toBeLessThanOrEqual(1);
  });
});
