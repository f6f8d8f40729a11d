import { blobHashOf } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { generateShapes, PICTURE_SIDE, SHAPE_LABELS } from '../src/index.ts';

const VALUES = PICTURE_SIDE * PICTURE_SIDE * 3;

describe('generated shapes', () => {
  it('are the same bytes for the same seed on every engine', () => {
    const { images, labels } = generateShapes({ seed: 'frozen', count: 50 });
    expect(images).toHaveLength(50 * VALUES);
    expect(blobHashOf(images)).toMatchInlineSnapshot(
      `"692739effee1269f9a75920a5640563d2ef90c2b053db4ab68de64ead78b9bcf"`,
    );
    expect([...labels.subarray(0, 5)]).toMatchInlineSnapshot(`
      [
        2,
        6,
        7,
        8,
        1,
      ]
    `);
  });

  it('differ between seeds and between persons', () => {
    const first = generateShapes({ seed: 'a', count: 3, person: 'one' }).images;
    expect(generateShapes({ seed: 'b', count: 3, person: 'one' }).images).not.toEqual(first);
    expect(generateShapes({ seed: 'a', count: 3, person: 'two' }).images).not.toEqual(first);
  });

  it('are of every kind, about equally often', () => {
    const { labels } = generateShapes({ seed: 'kinds', count: 500 });
    for (let label = 0; label < SHAPE_LABELS.length; label += 1) {
      const count = labels.filter((other) => other === label).length;
      // Binomial(500, 0.1): 50 +- 6.7; five deviations.
      expect(Math.abs(count - 50), SHAPE_LABELS[label]).toBeLessThan(34);
    }
  });

  it('say nothing by their colours: the mean colour of a picture does not tell its shape', () => {
    const { images, labels } = generateShapes({ seed: 'colours', count: 500 });
    const means = SHAPE_LABELS.map(() => [0, 0, 0]);
    const counts = SHAPE_LABELS.map(() => 0);
    for (let i = 0; i < images.length; i += 1) {
      const label = labels[Math.floor(i / VALUES)]!;
      means[label]![i % 3]! += images[i]!;
    }
    for (const label of labels) counts[label]! += 1;
    for (const [label, sums] of means.entries()) {
      for (const sum of sums) {
        const mean = sum / (counts[label]! * PICTURE_SIDE * PICTURE_SIDE);
        // A channel of the ground deviates by 74 / sqrt(50 pictures) = 10.4; four deviations.
        expect(Math.abs(mean - 127.5), SHAPE_LABELS[label]).toBeLessThan(42);
      }
    }
  });
});
