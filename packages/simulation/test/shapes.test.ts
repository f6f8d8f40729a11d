import { blobHashOf } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { generateShapes, PICTURE_SIDE, SHAPE_LABELS } from '../src/index.ts';

const VALUES = PICTURE_SIDE * PICTURE_SIDE * 3;

describe('generated shapes', () => {
  it('are the same bytes for the same seed on every engine', () => {
    const { images, labels } = generateShapes({ seed: 'frozen', count: 50 });
    expect(images).toHaveLength(50 * VALUES);
    expect(blobHashOf(images)).toMatchInlineSnapshot(
      `"67a05beaa5845307af7ec467b3c4ddc8512743dc94e549d8fd898ae12056407d"`,
    );
    expect([...labels.subarray(0, 5)]).toMatchInlineSnapshot(`
      [
        2,
        6,
        6,
        3,
        8,
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

  it('lie on grounds that say nothing about the shape', () => {
    const { images, labels } = generateShapes({ seed: 'colours', count: 500 });
    SHAPE_LABELS.forEach((name, label) => {
      const corners = [...labels.keys()]
        .filter((picture) => labels[picture] === label)
        .map((picture) => images[picture * VALUES]!);
      const mean = corners.reduce((sum, value) => sum + value, 0) / corners.length;
      // Uniform up to 110 and shaded: 55, and a deviation of about 34 / sqrt(50 pictures) = 4.8; five deviations.
      expect(Math.abs(mean - 55), name).toBeLessThan(24);
    });
  });
});
