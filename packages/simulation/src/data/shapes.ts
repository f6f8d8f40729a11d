/**
 * Light shapes on dark grounds, 32 x 32 in colour: the project's own pictures for image models, in the format of CIFAR-10.
 * Colours say nothing about the shape. The same seed gives the same bytes on every engine.
 */
import { integerBelow, type RandomSource, seededRandom, unitInterval } from '@tributary/fl-core';
import { around, bell } from './bell.ts';
import { OUTLINES } from './outlines.ts';
import { PICTURE_SIDE, SHAPE_LABELS, type ShapeLabel } from './shape-labels.ts';

const CHANNELS = 3;
const PICTURE_VALUES = PICTURE_SIDE * PICTURE_SIDE * CHANNELS;

export interface Shapes {
  /** `count` pictures, row by row, channels last: red, green, blue. */
  readonly images: Uint8Array;
  /** Indices of `SHAPE_LABELS`. */
  readonly labels: Int32Array;
}

export interface ShapesRequest {
  readonly seed: string;
  readonly count: number;
  /** Whose pictures these are: a person prefers some colours. Absent: every picture is somebody else's. */
  readonly person?: string;
}

export function generateShapes({ seed, count, person }: ShapesRequest): Shapes {
  const random = seededRandom(`shapes/${seed}`);
  const taste = person === undefined ? null : drawColour(seededRandom(`taste/${person}`));
  const shapes = { images: new Uint8Array(count * PICTURE_VALUES), labels: new Int32Array(count) };
  for (let i = 0; i < count; i += 1) {
    const label = integerBelow(random, SHAPE_LABELS.length);
    shapes.labels[i] = label;
    const picture = shapes.images.subarray(i * PICTURE_VALUES, (i + 1) * PICTURE_VALUES);
    drawShape(picture, SHAPE_LABELS[label]!, taste, random);
  }
  return shapes;
}

type Colour = readonly [number, number, number];

function drawShape(picture: Uint8Array, shape: ShapeLabel, taste: Colour | null, random: RandomSource): void {
  const isOf = OUTLINES[shape];
  const { ink, ground } = drawColours(taste, random);
  const toShape = placement(random);
  // The ground shades from one side to another, so that no single threshold finds the shape.
  const [shadeX, shadeY] = [30 * bell(random), 30 * bell(random)];
  for (let row = 0; row < PICTURE_SIDE; row += 1) {
    for (let column = 0; column < PICTURE_SIDE; column += 1) {
      const [x, y, pixel] = toShape(column + 0.5, row + 0.5);
      const coverage = Math.min(1, Math.max(0, 0.5 - isOf(x, y) / pixel));
      const shade = shadeX * (column / PICTURE_SIDE - 0.5) + shadeY * (row / PICTURE_SIDE - 0.5);
      for (let channel = 0; channel < CHANNELS; channel += 1) {
        const value =
          coverage * ink[channel]! +
          (1 - coverage) * (ground[channel]! + shade) +
          28 * (unitInterval(random) - 0.5);
        picture[(row * PICTURE_SIDE + column) * CHANNELS + channel] = Math.min(
          255,
          Math.max(0, Math.round(value)),
        );
      }
    }
  }
}

/** Pixels -> units of the shape, and how many units a pixel is: its size, place and turn are its own. */
function placement(random: RandomSource): (x: number, y: number) => readonly [number, number, number] {
  const radius = around(11.5, 2.5, random);
  const centreX = around(PICTURE_SIDE / 2, 3, random);
  const centreY = around(PICTURE_SIDE / 2, 3, random);
  // A rotation by 2 atan(turn), at most about 20 degrees either way, without sine and cosine.
  const turn = 0.09 * bell(random);
  const cosine = (1 - turn * turn) / (1 + turn * turn);
  const sine = (2 * turn) / (1 + turn * turn);
  return (x, y) => {
    const u = (x - centreX) / radius;
    const v = (y - centreY) / radius;
    return [u * cosine + v * sine, v * cosine - u * sine, 1 / radius];
  };
}

/** Light on dark, as on a blackboard. */
function drawColours(taste: Colour | null, random: RandomSource): { ink: Colour; ground: Colour } {
  const ink = drawColour(random).map((value) => 255 - value) as unknown as Colour;
  const isToTaste = taste !== null && unitInterval(random) < 0.7;
  return { ink, ground: isToTaste ? near(taste, random) : drawColour(random) };
}

/** A dark one. */
const drawColour = (random: RandomSource): Colour => [
  110 * unitInterval(random),
  110 * unitInterval(random),
  110 * unitInterval(random),
];

const near = ([red, green, blue]: Colour, random: RandomSource): Colour => [
  around(red, 15, random),
  around(green, 15, random),
  around(blue, 15, random),
];
