import { integerBelow, seededRandom } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { centredDigit, centreOfMass, type GreyImage } from '../src/data-import/centred-digit.ts';

const MNIST = { width: 28, height: 28 };

function drawing(
  width: number,
  height: number,
  rectangles: [x: number, y: number, w: number, h: number][],
): GreyImage {
  const values = new Float32Array(width * height);
  for (const [x, y, w, h] of rectangles) {
    for (let row = y; row < y + h; row += 1) values.fill(1, row * width + x, row * width + x + w);
  }
  return { width, height, values };
}

function inkExtent({ width, values }: GreyImage) {
  const inked = [...values.keys()].filter((i) => values[i]! > 0);
  const columns = inked.map((i) => i % width);
  const rows = inked.map((i) => Math.floor(i / width));
  return {
    width: Math.max(...columns) - Math.min(...columns) + 1,
    height: Math.max(...rows) - Math.min(...rows) + 1,
  };
}

describe('a drawn digit, in the form of MNIST', () => {
  it('is nothing when nothing was drawn', () => {
    expect(centredDigit(drawing(280, 280, []), MNIST)).toBeNull();
  });

  it('has its centre of mass in the middle, wherever and however large it was drawn', () => {
    const random = seededRandom('centred-digit');
    for (let trial = 0; trial < 50; trial += 1) {
      const [w, h] = [8 + integerBelow(random, 100), 8 + integerBelow(random, 100)];
      const [x, y] = [integerBelow(random, 280 - w), integerBelow(random, 280 - h)];
      const digit = centredDigit(drawing(280, 280, [[x, y, w, h]]), MNIST)!;
      const mass = centreOfMass(digit);
      expect(Math.abs(mass.x - 14)).toBeLessThanOrEqual(0.5);
      expect(Math.abs(mass.y - 14)).toBeLessThanOrEqual(0.5);
    }
  });

  it('is scaled into 20 x 20 with its proportions kept', () => {
    expect(inkExtent(centredDigit(drawing(280, 280, [[3, 90, 50, 100]]), MNIST)!)).toEqual({
      width: 10,
      height: 20,
    });
    expect(inkExtent(centredDigit(drawing(280, 280, [[3, 90, 100, 25]]), MNIST)!)).toEqual({
      width: 20,
      height: 5,
    });
  });

  it('is the same digit when the same strokes were drawn elsewhere', () => {
    const strokes = (dx: number, dy: number): [number, number, number, number][] => [
      [20 + dx, 20 + dy, 60, 8],
      [72 + dx, 20 + dy, 8, 90],
    ];
    const here = centredDigit(drawing(280, 280, strokes(0, 0)), MNIST)!;
    const there = centredDigit(drawing(280, 280, strokes(90, 130)), MNIST)!;
    expect(there.values).toEqual(here.values);
  });

  it('keeps ink between paper and full black, and its mean darkness', () => {
    const digit = centredDigit(drawing(280, 280, [[33, 41, 97, 103]]), MNIST)!;
    expect(Math.max(...digit.values)).toBeLessThanOrEqual(1 + 1e-5);
    expect(Math.min(...digit.values)).toBeGreaterThanOrEqual(0);
    const { width, height } = inkExtent(digit);
    const ink = digit.values.reduce((sum, value) => sum + value, 0);
    expect(ink / (width * height)).toBeCloseTo(1, 5);
  });
});
