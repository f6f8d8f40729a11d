/**
 * Randomised Hadamard rotation (Suresh et al. 2017, section 3): signs by chance, then the Walsh-Hadamard transform, both
 * orthonormal. Whatever the values were, they are close to normal afterwards, so that one step suits them all.
 *
 * In blocks the values are taken as a matrix, row by row, of which each column is transformed: so each block sees all
 * layers, at most half a per cent is padding, and nothing has to be moved.
 */
import { philoxWords, STREAMS } from './philox.ts';

export type RotationKind = 'none' | 'blocks' | 'full';

const SHORTEST_BLOCK = 256;
const LONGEST_BLOCK = 4096;
const LITTLE_PADDING = 0.005;

export interface RotationShape {
  /** L, the length of each block: a power of two; 1 without a rotation. */
  readonly blockLength: number;
  /** B. Element i is at place floor(i / B) of block i mod B, before and after. */
  readonly blocks: number;
}

export interface Rotation {
  /** L x B: elements after it. */
  readonly to: number;
  /** B: element i of the rotated ones belongs to block i mod B. */
  readonly blocks: number;
  /** @returns a new array of `to` elements */
  rotate(values: Float32Array): Float32Array<ArrayBuffer>;
  /** The inverse, which is the adjoint: a new array of the elements that were there before padding. */
  unrotate(rotated: Float32Array): Float32Array<ArrayBuffer>;
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

/** @param seed of the round: 32 bytes, public */
export function openRotation(kind: RotationKind, length: number, seed: Uint8Array): Rotation {
  const shape = rotationShape(kind, length);
  const to = rotatedLength(shape);
  if (shape.blockLength === 1) return { to, blocks: shape.blocks, rotate: copyOf(to), unrotate: copyOf(to) };
  const signs = new Uint32Array(Math.ceil(to / 32));
  fillAll(signs, seed);
  const scale = Math.fround(1 / Math.sqrt(shape.blockLength));
  return {
    to,
    blocks: shape.blocks,
    rotate: (values) => {
      checkLength(values, length);
      const rotated = new Float32Array(to);
      rotated.set(values);
      scaleWithSigns(rotated, signs, scale);
      transform(rotated, shape);
      return rotated;
    },
    unrotate: (rotated) => {
      checkLength(rotated, to);
      const values = Float32Array.from(rotated);
      transform(values, shape);
      scaleWithSigns(values, signs, scale);
      return values.slice(0, length);
    },
  };
}

function inBlocksOf(blockLength: number, length: number): RotationShape {
  return { blockLength, blocks: Math.ceil(length / blockLength) };
}

function nextPowerOfTwo(length: number): number {
  let power = 1;
  while (power < length) power *= 2;
  return power;
}

/** Bit i mod 32 of word floor(i / 32) is set where element i changes its sign. */
function scaleWithSigns(values: Float32Array, signs: Uint32Array, scale: number): void {
  for (let i = 0; i < values.length; i += 1) {
    values[i] = values[i]! * ((signs[i >>> 5]! >>> (i & 31)) & 1 ? -scale : scale);
  }
}

/** Of each column of L rows of B values, in place and unscaled: rows that are 1, 2, 4, ... apart. */
function transform(values: Float32Array, { blockLength, blocks }: RotationShape): void {
  for (let apart = blocks; apart < blockLength * blocks; apart *= 2) {
    for (let start = 0; start < values.length; start += 2 * apart) {
      for (let i = start; i < start + apart; i += 1) {
        const [a, b] = [values[i]!, values[i + apart]!];
        values[i] = a + b;
        values[i + apart] = a - b;
      }
    }
  }
}

function fillAll(signs: Uint32Array<ArrayBuffer>, seed: Uint8Array): void {
  const random = philoxWords(seed, STREAMS.signs);
  random.fill(signs);
}

function copyOf(length: number) {
  return (values: Float32Array) => {
    checkLength(values, length);
    return Float32Array.from(values);
  };
}

function checkLength(values: Float32Array, length: number): void {
  if (values.length !== length) throw new RangeError(`${values.length} values instead of ${length}`);
}
