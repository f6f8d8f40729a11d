/**
 * Updates like those of a real model, for trying a code before anybody has trained: layers of differing scale, and within
 * each a few large values and many small ones (log-normal magnitudes). Drawn from a seed; nothing of anybody.
 */
import { parameterCount, type TensorShape, tensorSize } from '../parameters.ts';
import { standardNormal } from '../random/draws.ts';
import { seededRandom } from '../random/xoshiro.ts';

/** Of ln|x|: one value in a hundred is ten times the median. */
const SPREAD = 1;
/** From one tensor to the next, again and again: kernels and biases, early and late layers. */
const SCALES = [1, 3, 0.3, 1, 10] as const;

export interface SyntheticCohort {
  /** One for each member, all with the same root mean square. */
  readonly deltas: readonly Float32Array[];
  /** Their exact mean. */
  readonly mean: Float64Array;
}

/** How much of each delta's energy all members have in common: none, or half. */
export const AGREEMENTS = ['independent', 'half-aligned'] as const;
export type Agreement = (typeof AGREEMENTS)[number];

export interface CohortRequest {
  readonly shapes: readonly TensorShape[];
  readonly members: number;
  /** Of the values of each. */
  readonly rms: number;
}

/** The same members in both cohorts, but for what they have in common. Yields after each. */
export function* syntheticCohorts({
  shapes,
  members,
  rms,
}: CohortRequest): Generator<void, Readonly<Record<Agreement, SyntheticCohort>>> {
  const common = syntheticDelta(shapes, { name: 'all', rms });
  const independent = emptyCohort(common.length);
  const halfAligned = emptyCohort(common.length);
  for (let member = 0; member < members; member += 1) {
    const own = syntheticDelta(shapes, { name: String(member), rms });
    const aligned = own.map((value, i) => (value + common[i]!) * Math.SQRT1_2);
    add(independent, own, members);
    add(halfAligned, scaledTo(aligned, rms), members);
    yield;
  }
  return { independent, 'half-aligned': halfAligned };
}

interface GrowingCohort {
  readonly deltas: Float32Array[];
  readonly mean: Float64Array;
}

const emptyCohort = (length: number): GrowingCohort => ({ deltas: [], mean: new Float64Array(length) });

function add({ deltas, mean }: GrowingCohort, delta: Float32Array, members: number): void {
  deltas.push(delta);
  for (let i = 0; i < mean.length; i += 1) mean[i]! += delta[i]! / members;
}

/** In place. */
function scaledTo(delta: Float32Array, rms: number): Float32Array {
  const scale = rms / rootMeanSquare(delta);
  for (let i = 0; i < delta.length; i += 1) delta[i]! *= scale;
  return delta;
}

export function syntheticDelta(
  shapes: readonly TensorShape[],
  { name, rms }: { readonly name: string; readonly rms: number },
): Float32Array {
  const random = seededRandom(`synthetic delta/${name}`);
  const delta = new Float32Array(parameterCount(shapes));
  let at = 0;
  shapes.forEach((shape, tensor) => {
    const scale = SCALES[tensor % SCALES.length]!;
    for (const end = at + tensorSize(shape); at < end; at += 1) {
      const magnitude = Math.exp(SPREAD * standardNormal(random));
      delta[at] = scale * (random.nextUint32() & 1 ? magnitude : -magnitude);
    }
  });
  return scaledTo(delta, rms);
}

export function rootMeanSquare(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) squares += values[i]! * values[i]!;
  return Math.sqrt(squares / Math.max(values.length, 1));
}

/** The same tensors with fewer rows, `most` elements or little more: enough to measure an error, which is a ratio. */
export function smallerShapes(shapes: readonly TensorShape[], most: number): readonly TensorShape[] {
  const all = parameterCount(shapes);
  if (all <= most) return shapes;
  const smaller = shapes.map((shape) => {
    const last = shape.at(-1) ?? 1;
    if (shape.length < 2) return shape;
    return [Math.max(1, Math.round(((tensorSize(shape) / last) * most) / all)), last];
  });
  return parameterCount(smaller) <= 2 * most ? smaller : [[most]];
}
