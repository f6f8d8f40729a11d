/**
 * Models on a grid: each tensor's values are integers times a power of two of its own, chosen so that a snapshot of normally
 * distributed values costs about so many bits of entropy a parameter. A normal variable of standard deviation s that is
 * rounded to multiples of a step has an entropy of about log2(s / step) + log2(2 pi e) / 2 bits (Cover and Thomas 2006,
 * theorems 8.3.1 and 8.4.1), and nothing of that variance has more.
 *
 * Steps are powers of two, so that rounding is exact, models on different grids are integers on the finer one, and every
 * machine makes the same bits: there are sums, products and comparisons here, and nothing that engines may round otherwise.
 */
import { CodecError } from '../errors.ts';
import { powerOfTwo } from './power-of-two.ts';

type Shapes = readonly (readonly number[])[];

export interface GridOptions {
  readonly bits: number;
  /** Of the model before: a step changes only where it fits clearly no more. */
  readonly previous: Int16Array | null;
}

const TWO_PI_E = 17.079468445347132;
/** In squares: a step stays while its tensor costs at most 0.15 bits more than asked for, or 1.15 less. */
const SLACK = 1.2311444133449163;
/** Biases and gains are few, and much depends on each. */
const MORE_BITS_OF_VECTORS = 8;
/** Of a tensor that is all zeros: it becomes another as soon as there is something to round. */
const STEP_OF_ZEROS = -20;
/** The smallest float32. */
const LEAST = -149;
const GREATEST = 100;

/**
 * The binary logarithms of the steps, one for each tensor.
 * @throws CodecError `codec-not-finite`
 */
export function gridSteps(
  values: Float32Array,
  shapes: Shapes,
  { bits, previous }: GridOptions,
): Int16Array<ArrayBuffer> {
  const steps = new Int16Array(shapes.length);
  let offset = 0;
  shapes.forEach((shape, tensor) => {
    const size = sizeOf(shape);
    const own = bits + (shape.length < 2 ? MORE_BITS_OF_VECTORS : 0);
    const meanSquare = meanSquareOf(values.subarray(offset, offset + size));
    steps[tensor] = stepFor((meanSquare * TWO_PI_E) / powerOfTwo(2 * own), previous?.[tensor] ?? null);
    offset += size;
  });
  return steps;
}

/** The nearest values of the grid, the even one of two; never a negative zero. */
export function roundToGrid(
  values: Float32Array,
  shapes: Shapes,
  steps: Int16Array,
): Float32Array<ArrayBuffer> {
  const rounded = new Float32Array(values.length);
  let offset = 0;
  shapes.forEach((shape, tensor) => {
    const end = offset + sizeOf(shape);
    const [step, inverse] = [powerOfTwo(steps[tensor]!), powerOfTwo(-steps[tensor]!)];
    for (; offset < end; offset += 1) rounded[offset] = nearestInteger(values[offset]! * inverse) * step;
  });
  return rounded;
}

/** A float32 has 24 bits: so many steps, or more, are an integer already. */
const ALWAYS_WHOLE = 2 ** 24;
/** Adding it leaves a float64 no room for a fraction: IEEE 754 rounds to the nearest, ties to even. */
const NO_ROOM = 1.5 * 2 ** 52;

function nearestInteger(scaled: number): number {
  return Math.abs(scaled) < ALWAYS_WHOLE ? scaled + NO_ROOM - NO_ROOM : scaled;
}

/** @param square of the step that would cost exactly what is asked for */
function stepFor(square: number, previous: number | null): number {
  if (square === 0) return previous ?? STEP_OF_ZEROS;
  if (previous !== null && isFitting(square, previous)) return previous;
  return Math.min(GREATEST, Math.max(LEAST, leastStepAbove(square)));
}

function isFitting(square: number, step: number): boolean {
  return square <= powerOfTwo(2 * step) * SLACK && square * SLACK >= powerOfTwo(2 * step - 2);
}

/** The least integer e with 4^e >= square. */
function leastStepAbove(square: number): number {
  let step = LEAST - 16;
  for (let stride = 256; stride >= 1; stride /= 2) {
    if (powerOfTwo(2 * (step + stride - 1)) < square) step += stride;
  }
  return step;
}

function meanSquareOf(tensor: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < tensor.length; i += 1) sum += tensor[i]! * tensor[i]!;
  if (!Number.isFinite(sum))
    throw new CodecError('codec-not-finite', 'a model with a value that is no number');
  return tensor.length === 0 ? 0 : sum / tensor.length;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}
