/** Draws one digit as a 28 x 28 grayscale image: distort the strokes, then ink every pixel near the pen's path. */
import { integerBelow, type RandomSource, unitInterval } from '@tributary/fl-core';
import { around, bell } from './bell.ts';
import { GLYPHS, type GlyphPoint, type Stroke } from './glyphs.ts';
import type { Handwriting } from './handwriting.ts';

export const DIGIT_SIDE = 28;
export const DIGIT_PIXELS = DIGIT_SIDE * DIGIT_SIDE;

const STEPS_PER_POINT = 5;
/** Ink fades over this many pixels at the edge of a stroke. */
const EDGE = 1.3;

/** Writes `digit` into `image`, `DIGIT_PIXELS` values, 0 for paper and 255 for ink. */
export function drawDigit(image: Uint8Array, digit: number, hand: Handwriting, random: RandomSource): void {
  const radius = Math.max(0.55, around(hand.penRadius, 0.25, random));
  const toPixels = distortion(hand, random);
  const distances = new Float64Array(DIGIT_PIXELS).fill(DIGIT_SIDE);
  for (const stroke of glyphOf(digit, hand, random)) {
    const path = smooth(tremble(stroke, hand.tremor, random)).map(toPixels);
    for (let i = 1; i < path.length; i += 1) approach(distances, path[i - 1]!, path[i]!, radius);
  }
  const darkness = around(225, 30, random);
  for (let i = 0; i < DIGIT_PIXELS; i += 1) {
    const coverage = Math.min(1, Math.max(0, 0.5 - distances[i]! / EDGE));
    const value = coverage * darkness + 22 * bell(random);
    image[i] = Math.min(255, Math.max(0, Math.round(value)));
  }
}

function glyphOf(digit: number, hand: Handwriting, random: RandomSource) {
  const ways = GLYPHS[digit]!;
  const unusual = unitInterval(random) < hand.variety;
  return ways[unusual ? integerBelow(random, ways.length) : hand.variants[digit]!]!;
}

function tremble(stroke: Stroke, tremor: number, random: RandomSource): Stroke {
  return stroke.map(([x, y]) => [around(x, tremor, random), around(y, tremor, random)] as const);
}

/** Catmull-Rom spline through the points: a cubic between each two, with neighbours giving the direction. */
function smooth(stroke: Stroke): GlyphPoint[] {
  const path: GlyphPoint[] = [stroke[0]!];
  for (let i = 1; i < stroke.length; i += 1) {
    const from = stroke[i - 1]!;
    const to = stroke[i]!;
    const before = stroke[i - 2] ?? from;
    const after = stroke[i + 1] ?? to;
    for (let step = 1; step <= STEPS_PER_POINT; step += 1) {
      const t = step / STEPS_PER_POINT;
      path.push([
        catmullRom(before[0], from[0], to[0], after[0], t),
        catmullRom(before[1], from[1], to[1], after[1], t),
      ]);
    }
  }
  return path;
}

function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return 0.5 * (2 * b + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * b - a - 3 * c + d))));
}

/** Unit square -> pixels: this digit's slant, turn, size and place, and a gentle warp of the paper. */
function distortion(hand: Handwriting, random: RandomSource): (point: GlyphPoint) => GlyphPoint {
  const slant = around(hand.slant, 0.14, random);
  const width = Math.max(6, around(hand.width, 1.8, random));
  const height = Math.max(10, around(hand.height, 1.6, random));
  const centreX = around(DIGIT_SIDE / 2, 1.5, random);
  const centreY = around(DIGIT_SIDE / 2, 1.3, random);
  // A rotation by 2 atan(turn), written without sine and cosine: exact on every engine.
  const turn = around(hand.turn, 0.08, random);
  const cosine = (1 - turn * turn) / (1 + turn * turn);
  const sine = (2 * turn) / (1 + turn * turn);
  const warp = paperWarp(random);
  return ([x, y]) => {
    const v = (y - 0.5) * height;
    const u = (x - 0.5) * width - slant * v;
    const [bentX, bentY] = warp(x, y);
    return [centreX + u * cosine - v * sine + bentX, centreY + u * sine + v * cosine + bentY];
  };
}

/** Elastic jitter (Simard et al. 2003, made coarse): displacements at 3 x 3 knots, bilinear in between. */
function paperWarp(random: RandomSource): (x: number, y: number) => GlyphPoint {
  const knots = Array.from({ length: 9 }, () => [1.1 * bell(random), 1.1 * bell(random)] as const);
  return (x, y) => {
    const column = Math.min(1.999, Math.max(0, 2 * x));
    const row = Math.min(1.999, Math.max(0, 2 * y));
    const left = Math.floor(column);
    const top = Math.floor(row);
    const at = (axis: 0 | 1) => {
      const knot = (r: number, c: number) => knots[3 * r + c]![axis];
      const upper = knot(top, left) * (left + 1 - column) + knot(top, left + 1) * (column - left);
      const lower = knot(top + 1, left) * (left + 1 - column) + knot(top + 1, left + 1) * (column - left);
      return upper * (top + 1 - row) + lower * (row - top);
    };
    return [at(0), at(1)];
  };
}

/** Lowers each pixel's distance to the ink's edge to that of this piece of path, where the piece is nearer. */
function approach(distances: Float64Array, from: GlyphPoint, to: GlyphPoint, radius: number): void {
  const reach = radius + EDGE;
  const firstX = Math.max(0, Math.floor(Math.min(from[0], to[0]) - reach));
  const lastX = Math.min(DIGIT_SIDE - 1, Math.ceil(Math.max(from[0], to[0]) + reach));
  const firstY = Math.max(0, Math.floor(Math.min(from[1], to[1]) - reach));
  const lastY = Math.min(DIGIT_SIDE - 1, Math.ceil(Math.max(from[1], to[1]) + reach));
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const lengthSquared = dx * dx + dy * dy || 1;
  for (let y = firstY; y <= lastY; y += 1) {
    for (let x = firstX; x <= lastX; x += 1) {
      const px = x + 0.5 - from[0];
      const py = y + 0.5 - from[1];
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) / lengthSquared));
      const ex = px - along * dx;
      const ey = py - along * dy;
      const distance = Math.sqrt(ex * ex + ey * ey) - radius;
      const pixel = y * DIGIT_SIDE + x;
      if (distance < distances[pixel]!) distances[pixel] = distance;
    }
  }
}
