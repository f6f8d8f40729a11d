/**
 * The largest coordinates, with a residual of all others on the device (Lin et al. 2018, Deep Gradient Compression, section 3:
 * momentum correction, momentum factor masking, warm-up; algorithm 4 of its appendix).
 *
 *     byte  0       bits of a value, v: 2 to 8
 *     bytes 1-4     kept coordinates, k (u32)
 *     bytes 5-12    least and greatest magnitude (f32, f32); without them when k = 0
 *     then          k values of v bits, packed: the sign in the highest bit, below it the level between least and greatest
 *     then          their indices, to the end
 *
 * All numbers are little-endian. Magnitudes lie evenly between the least and the greatest that were kept, so no level is
 * wasted on what is smaller than the threshold.
 */
import { CodecError } from '../errors.ts';
import { type CodecMemory, residualOf, unexpired } from '../feedback.ts';
import { pack, packedBytes, unpack } from '../pack.ts';
import { lengthOf } from '../shapes.ts';
import type { RandomWords } from '../stochastic-rounding.ts';
import type { ClearContext, Coded } from './clear-code.ts';
import type { PlanOf } from './clear-plan.ts';
import { decodeIndices, encodeIndices } from './index-coding.ts';
import { indicesOfLargest } from './largest.ts';

type TopKPlan = PlanOf<'top-k'>;

/** Kept in the first round of a warm-up: 75 % are left out (section 3.3 of the paper). */
const WARM_UP_FRACTION = 0.25;
const COUNT_BYTES = 5;
const HEADER_BYTES = 13;
/** What a word is divided by for a chance below 1. */
const CHANCE = 2 ** -32;

/**
 * With momentum m, the largest are chosen of v' = v + u' where u' = m u + delta (equation 4): a coordinate that waits gathers
 * momentum as if it had been sent. u is cleared where it was sent (section 3.2). What the memory holds as the residual is v + m u,
 * so that it is added to the next delta, and clipped with it, like that of any other code.
 */
export function codeTopK(
  values: Float32Array,
  plan: TopKPlan,
  { random, feedback, roundNumber, committedRounds }: ClearContext,
): Coded {
  const { valueBits, momentum } = plan;
  const count = keptCount(plan, values.length, committedRounds);
  const isFed = plan.feedback.mode === 'on';
  const bytes = writeTopK(values, { count, valueBits, rounding: isFed ? 'nearest' : random });
  const decoded = readTopK(bytes, { length: values.length, valueBits, mostKept: count });
  if (plan.feedback.mode === 'off' || momentum === 0) return { bytes, decoded };
  const { expiresAfterRounds } = plan.feedback;
  const memory = unexpired(feedback, { roundNumber, expiresAfterRounds, length: values.length });
  const velocity = velocityOf(values, momentum, memory);
  const residual = residualOf(values, decoded);
  for (let i = 0; i < velocity.length; i += 1) {
    if (decoded[i] !== 0) velocity[i] = 0;
    residual[i] = residual[i]! + momentum * velocity[i]!;
  }
  return { bytes, decoded, residual, velocity };
}

/** u' = m u + delta, the delta being what the values have above the residual. */
function velocityOf(
  values: Float32Array,
  momentum: number,
  memory: CodecMemory | null,
): Float32Array<ArrayBuffer> {
  const velocity = new Float32Array(values);
  if (memory === null) return velocity;
  for (let i = 0; i < velocity.length; i += 1) {
    velocity[i] = momentum * (memory.velocity?.[i] ?? 0) + values[i]! - memory.residual[i]!;
  }
  return velocity;
}

/** @throws CodecError `codec-malformed` */
export function decodeTopK(
  bytes: Uint8Array,
  plan: TopKPlan,
  { shapes }: Pick<ClearContext, 'shapes'>,
): Float32Array<ArrayBuffer> {
  const length = lengthOf(shapes);
  // In the first round, a warm-up keeps the most.
  return readTopK(bytes, { length, valueBits: plan.valueBits, mostKept: keptCount(plan, length, 0) });
}

/** A share of the coordinates that falls exponentially over `warmUpRounds` committed rounds; one at least. */
export function keptCount(plan: TopKPlan, length: number, committedRounds: number): number {
  return Math.min(length, Math.max(1, Math.round(keptFraction(plan, committedRounds) * length)));
}

function keptFraction({ fraction, warmUpRounds }: TopKPlan, committedRounds: number): number {
  if (committedRounds >= warmUpRounds || fraction >= WARM_UP_FRACTION) return fraction;
  return WARM_UP_FRACTION * power(root(fraction / WARM_UP_FRACTION, warmUpRounds), committedRounds);
}

/** By bisection: `Math.pow` may differ between engines in the last place, and everybody should keep the same number. */
function root(value: number, degree: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (power(middle, degree) < value) low = middle;
    else high = middle;
  }
  return low;
}

function power(base: number, exponent: number): number {
  let product = 1;
  for (let i = 0; i < exponent; i += 1) product *= base;
  return product;
}

/**
 * @param values finite
 * @param rounding `nearest` where a residual takes what is lost; random words where nothing does, so that kept values are
 *   right in expectation
 */
function writeTopK(
  values: Float32Array,
  options: { readonly count: number; readonly valueBits: number; readonly rounding: 'nearest' | RandomWords },
): Uint8Array<ArrayBuffer> {
  const { valueBits } = options;
  const kept = indicesOfLargest(values, options.count);
  const indices = encodeIndices(kept, values.length);
  const header = kept.length === 0 ? COUNT_BYTES : HEADER_BYTES;
  const valueBytes = packedBytes(kept.length, valueBits);
  const bytes = new Uint8Array(header + valueBytes + indices.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, valueBits);
  view.setUint32(1, kept.length, true);
  if (kept.length > 0) {
    const magnitudes = magnitudesOf(values, kept);
    view.setFloat32(5, magnitudes.least, true);
    view.setFloat32(9, magnitudes.greatest, true);
    bytes.set(
      pack(levelsOf(values, { kept, valueBits, magnitudes, rounding: options.rounding }), valueBits),
      header,
    );
  }
  bytes.set(indices, header + valueBytes);
  return bytes;
}

/** Zeros but for the kept coordinates. */
function readTopK(
  bytes: Uint8Array,
  options: { readonly length: number; readonly valueBits: number; readonly mostKept: number },
): Float32Array<ArrayBuffer> {
  const { length, valueBits } = options;
  if (bytes.length < COUNT_BYTES) throw malformed('it was cut off');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint8(0) !== valueBits)
    throw malformed(`values of ${view.getUint8(0)} bits instead of ${valueBits}`);
  const count = view.getUint32(1, true);
  if (count > options.mostKept)
    throw malformed(`${count} coordinates, where ${options.mostKept} may be kept`);
  const header = count === 0 ? COUNT_BYTES : HEADER_BYTES;
  const valueEnd = header + packedBytes(count, valueBits);
  if (bytes.length < valueEnd) throw malformed('it was cut off');
  const kept = decodeIndices(bytes.subarray(valueEnd), { count, length });
  const decoded = new Float32Array(length);
  if (count === 0) return decoded;
  const magnitudes = { least: view.getFloat32(5, true), greatest: view.getFloat32(9, true) };
  if (
    !(
      magnitudes.least > 0 &&
      magnitudes.greatest >= magnitudes.least &&
      magnitudes.greatest < Number.POSITIVE_INFINITY
    )
  )
    throw malformed('magnitudes out of order');
  const packed = bytes.subarray(header, valueEnd);
  if ((8 * packed.length) % valueBits !== 0 || (count * valueBits) % 8 !== 0)
    checkFilling(packed, count * valueBits);
  const levels = unpack(packed, valueBits, count);
  const signBit = 2 ** (valueBits - 1);
  const step = stepOf(magnitudes, valueBits);
  for (let i = 0; i < count; i += 1) {
    const magnitude = magnitudes.least + (levels[i]! & (signBit - 1)) * step;
    decoded[kept[i]!] = (levels[i]! & signBit) === 0 ? magnitude : -magnitude;
  }
  return decoded;
}

interface Magnitudes {
  readonly least: number;
  readonly greatest: number;
}

function magnitudesOf(values: Float32Array, kept: Uint32Array): Magnitudes {
  let least = Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (const index of kept) {
    const magnitude = Math.abs(values[index]!);
    least = Math.min(least, magnitude);
    greatest = Math.max(greatest, magnitude);
  }
  return { least, greatest };
}

/** Between two levels; 0 when all magnitudes are the same. */
const stepOf = ({ least, greatest }: Magnitudes, valueBits: number): number =>
  (greatest - least) / (2 ** (valueBits - 1) - 1);

function levelsOf(
  values: Float32Array,
  how: {
    readonly kept: Uint32Array;
    readonly valueBits: number;
    readonly magnitudes: Magnitudes;
    readonly rounding: 'nearest' | RandomWords;
  },
): Uint8Array {
  const { kept, valueBits, magnitudes } = how;
  const signBit = 2 ** (valueBits - 1);
  const step = stepOf(magnitudes, valueBits);
  const chances = chancesOf(kept.length, how.rounding);
  return Uint8Array.from(kept, (index, i) => {
    const value = values[index]!;
    const exact = step === 0 ? 0 : (Math.abs(value) - magnitudes.least) / step;
    const level = Math.min(Math.floor(exact + (chances === null ? 0.5 : chances[i]! * CHANCE)), signBit - 1);
    return value < 0 ? signBit + level : level;
  });
}

/** One word for each kept value; null where rounding goes to the nearest. */
function chancesOf(count: number, rounding: 'nearest' | RandomWords): Uint32Array | null {
  if (rounding === 'nearest') return null;
  const words = new Uint32Array(count);
  for (let from = 0; from < count; from += 16_384) rounding.fill(words.subarray(from, from + 16_384));
  return words;
}

/** Behind the last value there are zeros. */
function checkFilling(packed: Uint8Array, usedBits: number): void {
  const used = usedBits % 8;
  if (used !== 0 && packed.at(-1)! >>> used !== 0) throw malformed('bits behind the last value');
}

const malformed = (what: string): CodecError =>
  new CodecError('codec-malformed', `this is no top-k code: ${what}`);
