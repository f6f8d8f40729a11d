/**
 * How long a code can be under its plan: what is announced longer is refused before a byte of it is read. An upper bound, not
 * the length; within a few per cent of what incompressible updates take.
 */
import type { ClearPlanLike } from './clear-plan.ts';

type Shapes = readonly (readonly number[])[];

/** What is written beside the values: headers, tables of entropy coders, a short block that is filled up. */
const BESIDE_BYTES = 2048;
/** Of the values: what blocks that do not compress cost more than their content. */
const BESIDE_PART = 1 / 64;
/** Blocks of a rotation are at least so long, and each has a scale of four bytes. */
const SHORTEST_BLOCK = 256;
/** A gap of at most 2^31 takes so many bits in base 128, and no more is ever chosen. */
const LONGEST_INDEX_BITS = 40;
/** Kept of an update in the first round of a warm-up. */
const WARM_UP_FRACTION = 0.25;

/** In bytes, for an update of these shapes. */
export function longestClearCode(plan: ClearPlanLike, shapes: Shapes): number {
  const bits = longestBits(plan, shapes);
  return Math.ceil((bits / 8) * (1 + BESIDE_PART)) + BESIDE_BYTES;
}

function longestBits(plan: ClearPlanLike, shapes: Shapes): number {
  const length = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  switch (plan.codec) {
    case 'eden': {
      const filled = countOf(plan.fraction, length) + SHORTEST_BLOCK;
      return filled * plan.bits + (filled / SHORTEST_BLOCK) * 32;
    }
    case 'codebook':
      return length * plan.bits + 2 ** plan.bits * 32;
    case 'top-k': {
      const fraction = plan.warmUpRounds > 0 ? Math.max(plan.fraction, WARM_UP_FRACTION) : plan.fraction;
      const kept = countOf(fraction, length);
      return kept * plan.valueBits + Math.min(kept * LONGEST_INDEX_BITS, length);
    }
    case 'truncated':
      // Sign and exponent beside the mantissa.
      return length * (9 + plan.mantissaBits);
    case 'power-sgd':
      return shapes.reduce((bits, shape) => bits + 32 * factorSize(shape, plan.rank), 0);
  }
}

/** Values of the two thin factors of a matrix; a vector goes as it is. */
function factorSize(shape: readonly number[], rank: number): number {
  const columns = shape.at(-1) ?? 1;
  const size = sizeOf(shape);
  if (shape.length < 2 || columns === 0) return size;
  return Math.min(size, rank * (size / columns + columns));
}

const countOf = (fraction: number, length: number): number => Math.max(1, Math.round(fraction * length));
const sizeOf = (shape: readonly number[]): number => shape.reduce((size, dimension) => size * dimension, 1);
