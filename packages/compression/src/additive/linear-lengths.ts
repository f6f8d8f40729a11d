/**
 * How long an update is after sampling and after rotation: what both sides know before the round has a seed, and apart from
 * what computes either, which a page that only explains a plan need not load.
 */
import { elementsOf, lengthOf } from '../shapes.ts';

export type Shapes = readonly (readonly number[])[];

/** As the manifest has it. */
export type SamplingPlanLike =
  | { readonly kind: 'all' }
  | { readonly kind: 'random-k' | 'neurons'; readonly fraction: number }
  | { readonly kind: 'low-rank'; readonly rank: number };

/** As the manifest has it. */
export interface LinearPlan {
  readonly sampling: SamplingPlanLike;
  readonly rotation: RotationKind;
}

export interface LinearLengths {
  /** Elements of the update. */
  readonly from: number;
  /** Of them, after sampling. */
  readonly kept: number;
  /** Elements on the wire: rotated, with padding. */
  readonly to: number;
}

export type RotationKind = 'none' | 'blocks' | 'full';

const SHORTEST_BLOCK = 256;
const LONGEST_BLOCK = 4096;
const LITTLE_PADDING = 0.005;

/** What both sides know before the round has a seed. */
export function linearMapLengths(plan: LinearPlan, shapes: Shapes): LinearLengths {
  const kept = sampledLength(plan.sampling, shapes);
  return { from: lengthOf(shapes), kept, to: rotatedLength(rotationShape(plan.rotation, kept)) };
}

function sampledLength(plan: SamplingPlanLike, shapes: Shapes): number {
  switch (plan.kind) {
    case 'all':
      return lengthOf(shapes);
    case 'random-k':
      return countOf(plan.fraction, lengthOf(shapes));
    case 'neurons':
      return layersOf(plan.fraction, shapes).reduce((sum, layer) => sum + layer.rows * layer.kept, 0);
    case 'low-rank':
      return sketchedTensors(plan.rank, shapes).reduce((sum, tensor) => sum + keptOf(tensor), 0);
  }
}

/** round(fraction x all), and at least one of any. */
export function countOf(fraction: number, all: number): number {
  return Math.min(all, Math.max(1, Math.round(fraction * all)));
}

/** A kernel with the vectors behind it that have a value for each of its units. */
interface Layer {
  /** Values of one unit. */
  readonly rows: number;
  readonly units: number;
  readonly kept: number;
}

/** The last one stays whole: its units are what the model answers. */
export function layersOf(fraction: number, shapes: Shapes): Layer[] {
  const layers: { rows: number; units: number }[] = [];
  for (const shape of shapes) {
    const units = shape.at(-1) ?? 1;
    const rows = units === 0 ? 0 : elementsOf(shape) / units;
    const last = layers.at(-1);
    if (last !== undefined && shape.length === 1 && last.units === units) last.rows += rows;
    else layers.push({ rows, units });
  }
  return layers.map((layer, index) => ({
    ...layer,
    kept: index === layers.length - 1 ? layer.units : countOf(fraction, layer.units),
  }));
}

/** Where a tensor lies among all elements, and its sketch among those that travel. */
export interface SketchedTensor {
  readonly from: number;
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
  /** Columns of its sketch: as many as its own when it travels whole, as vectors do. */
  readonly rank: number;
}

export const keptOf = ({ rows, rank }: SketchedTensor): number => rows * rank;

/** The last dimension of a tensor are its columns. */
export function sketchedTensors(rank: number, shapes: Shapes): readonly SketchedTensor[] {
  let from = 0;
  let at = 0;
  return shapes.map((shape) => {
    const length = elementsOf(shape);
    const columns = shape.at(-1) ?? 1;
    const rows = columns === 0 ? 0 : length / columns;
    const tensor = { from, at, rows, columns, rank: shape.length < 2 ? columns : Math.min(rank, columns) };
    from += length;
    at += keptOf(tensor);
    return tensor;
  });
}

export interface RotationShape {
  /** L, the length of each block: a power of two; 1 without a rotation. */
  readonly blockLength: number;
  /** B. Element i is at place floor(i / B) of block i mod B, before and after. */
  readonly blocks: number;
}

export function rotationShape(kind: RotationKind, length: number): RotationShape {
  if (kind === 'none' || length === 0) return { blockLength: 1, blocks: length };
  if (kind === 'full') return { blockLength: nextPowerOfTwo(length), blocks: 1 };
  let best = inBlocksOf(LONGEST_BLOCK, length);
  for (let candidate = LONGEST_BLOCK; candidate >= SHORTEST_BLOCK; candidate /= 2) {
    const shape = inBlocksOf(candidate, length);
    if (rotatedLength(shape) <= length * (1 + LITTLE_PADDING)) return shape;
    if (rotatedLength(shape) < rotatedLength(best)) best = shape;
  }
  return best;
}

export function rotatedLength({ blockLength, blocks }: RotationShape): number {
  return blockLength * blocks;
}

function inBlocksOf(blockLength: number, length: number): RotationShape {
  return { blockLength, blocks: Math.ceil(length / blockLength) };
}

function nextPowerOfTwo(length: number): number {
  let power = 1;
  while (power < length) power *= 2;
  return power;
}
