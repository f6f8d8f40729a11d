/**
 * Shapes as signed distances to their outlines, negative within (near the outline that is all that counts). Places are
 * in units of the shape: it fills about -0.8 to 0.8 both ways, y downwards. Square roots only: exact on every engine.
 */
import type { ShapeLabel } from './shape-labels.ts';

type Outline = (x: number, y: number) => number;

const length = (x: number, y: number): number => Math.sqrt(x * x + y * y);
const box = (x: number, y: number, halfWidth: number, halfHeight: number): number =>
  Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
/** Half of an equilateral triangle's slope. */
const SLOPE = Math.sqrt(3) / 2;

export const OUTLINES: Readonly<Record<ShapeLabel, Outline>> = {
  circle: (x, y) => length(x, y) - 0.75,
  ring: (x, y) => Math.abs(length(x, y) - 0.6) - 0.17,
  'half disc': (x, y) => Math.max(length(x, y + 0.3) - 0.8, -y - 0.3),
  crescent: (x, y) => Math.max(length(x, y) - 0.78, 0.62 - length(x - 0.38, y)),
  square: (x, y) => box(x, y, 0.66, 0.66),
  frame: (x, y) => Math.abs(box(x, y, 0.54, 0.54)) - 0.16,
  triangle: (x, y) => Math.max(y - 0.45, SLOPE * Math.abs(x) - y / 2 - 0.45),
  cross: (x, y) => Math.min(box(x, y, 0.78, 0.22), box(x, y, 0.22, 0.78)),
  star: (x, y) => Math.sqrt(Math.abs(x)) + Math.sqrt(Math.abs(y)) - 0.92,
  bars: (x, y) => box(x, Math.abs(y) - 0.4, 0.75, 0.17),
};
