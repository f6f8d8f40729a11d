/**
 * A lossless code of a model's float32 values, by themselves or against a model that the reader holds. Each tensor is cut
 * into chunks of 65,536 values, and of each chunk the shortest of these forms travels:
 *
 * ```text
 * byte  form                what follows
 *    0  unchanged           nothing: the bits are those of the base
 *    1  raw                 4 bytes a value
 *    2  grid                e + 149; integers: the values are so many 2^e
 *    3  grid, changes       e + 149; integers: what is added to those of the base, which is a grid of 2^e, too
 *    4  planes              four sections of bytes, entropy-coded: mantissas with the sign, then exponents
 *    5  float changes       integers: differences of float bits, in the order of the numbers they stand for
 * ```
 *
 * Little-endian throughout; integers are written by `integer-code.ts`. Every finite value comes back with its bits, negative
 * zeros and subnormal numbers included. What the result must be is not said here: whoever decodes compares its hash.
 */
import { CodecError } from '../errors.ts';
import { decodeRans, encodeRans } from '../lossless/rans.ts';
import {
  type ByteSource,
  expectEnd,
  joined,
  sectionOf,
  takeByte,
  takeBytes,
  takeSection,
} from './byte-source.ts';
import { decodeIntegers, encodeIntegers } from './integer-code.ts';
import { powerOfTwo } from './power-of-two.ts';

const CHUNK = 65_536;
const UNCHANGED = 0;
const RAW = 1;
const GRID = 2;
const GRID_CHANGES = 3;
const PLANES = 4;
const FLOAT_CHANGES = 5;

export interface ModelLayout {
  /** Values of each tensor, in their order. */
  readonly sizes: readonly number[];
  /** As many values as the tensors have together, or null. */
  readonly base: Float32Array | null;
}

/** Never longer than the values themselves and a byte for each chunk. @throws CodecError `codec-not-finite` */
export function encodeModel(values: Float32Array, { sizes, base }: ModelLayout): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  if (!bitsOf(values).every(isOfNumber) || (base && !bitsOf(base).every(isOfNumber))) {
    throw new CodecError('codec-not-finite', 'a model with a value that is no number');
  }
  for (const [from, to] of chunksOf(sizes)) {
    const bits = bitsOf(values).subarray(from, to);
    chunks.push(shortestForm(bits, base && bitsOf(base).subarray(from, to)));
  }
  return joined(chunks);
}

/** @throws CodecError `codec-malformed` */
export function decodeModel(bytes: Uint8Array, layout: ModelLayout): Float32Array<ArrayBuffer> {
  const pieces = decodeModelInPieces(bytes, layout);
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}

/** The same with a pause after each chunk, for who has something else to do on this thread. */
export function* decodeModelInPieces(
  bytes: Uint8Array,
  { sizes, base }: ModelLayout,
): Generator<void, Float32Array<ArrayBuffer>> {
  const source: ByteSource = { bytes, at: 0 };
  const values = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
  for (const [from, to] of chunksOf(sizes)) {
    const bits = readChunk(source, to - from, base && bitsOf(base).subarray(from, to));
    if (!bits.every(isOfNumber)) throw malformed('a model with a value that is no number');
    bitsOf(values).set(bits, from);
    yield;
  }
  expectEnd(source);
  return values;
}

function shortestForm(bits: Int32Array, base: Int32Array | null): Uint8Array {
  if (base && bits.every((value, i) => value === base[i])) return Uint8Array.of(UNCHANGED);
  const forms = [raw(bits), ...gridForms(bits, base)];
  // What a grid makes short, nothing else does.
  if (forms.every((form) => form.length > WELL_BELOW_RAW * bits.length))
    forms.push(...floatForms(bits, base));
  return forms.reduce((best, form) => (form.length < best.length ? form : best));
}

/** Bytes a value. */
const WELL_BELOW_RAW = 2;

function raw(bits: Int32Array): Uint8Array {
  const form = new Uint8Array(1 + 4 * bits.length);
  form[0] = RAW;
  const view = new DataView(form.buffer, 1);
  bits.forEach((value, i) => void view.setInt32(4 * i, value, true));
  return form;
}

function gridForms(bits: Int32Array, base: Int32Array | null): Uint8Array[] {
  const own = extentOf(bits);
  if (!own || bits.includes(NEGATIVE_ZERO)) return [];
  const forms: Uint8Array[] = [];
  const alone = stepOf(own);
  if (alone !== null) forms.push(integersForm(GRID, alone, stepsOf(bits, alone)));
  const before = base && extentOf(base);
  const shared = before && stepOf(spanning(own, before));
  if (base && shared !== null) {
    const changes = stepsOf(bits, shared);
    stepsOf(base, shared).forEach((steps, i) => {
      changes[i]! -= steps;
    });
    forms.push(integersForm(GRID_CHANGES, shared, changes));
  }
  return forms;
}

function integersForm(form: number, step: number, integers: Int32Array): Uint8Array {
  return joined([Uint8Array.of(form, step - LEAST_EXPONENT), encodeIntegers(integers)]);
}

function floatForms(bits: Int32Array, base: Int32Array | null): Uint8Array[] {
  if (!base) return [planesForm(bits)];
  const changes = bits.map((value, i) => ordered(value) - ordered(base[i]!));
  return [planesForm(bits), joined([Uint8Array.of(FLOAT_CHANGES), encodeIntegers(changes)])];
}

/** The sign comes last, so that the last plane is exponents and nothing else. */
function planesForm(bits: Int32Array): Uint8Array {
  const planes = [0, 8, 16, 24].map((shift) =>
    sectionOf(encodeRans(Uint8Array.from(bits, (value) => rotatedLeft(value) >>> shift))),
  );
  return joined([Uint8Array.of(PLANES), ...planes]);
}

function readChunk(source: ByteSource, length: number, base: Int32Array | null): Int32Array {
  const form = takeByte(source);
  switch (form) {
    case UNCHANGED:
      return required(base);
    case RAW:
      return readRaw(takeBytes(source, 4 * length));
    case GRID:
      return readGrid(source, length, null);
    case GRID_CHANGES:
      return readGrid(source, length, required(base));
    case PLANES:
      return readPlanes(source, length);
    case FLOAT_CHANGES: {
      const before = required(base);
      const changes = decodeIntegers(source, length);
      return changes.map((change, i) => ordered((ordered(before[i]!) + change) | 0));
    }
    default:
      throw malformed(`a chunk has no form ${form}`);
  }
}

function readRaw(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
}

function readGrid(source: ByteSource, length: number, base: Int32Array | null): Int32Array {
  const exponent = takeByte(source) + LEAST_EXPONENT;
  const [step, inverse] = [powerOfTwo(exponent), powerOfTwo(-exponent)];
  const integers = decodeIntegers(source, length);
  const before = base && floatsOf(base);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 1) {
    values[i] = (before ? before[i]! * inverse + integers[i]! : integers[i]!) * step;
  }
  return bitsOf(values);
}

function readPlanes(source: ByteSource, length: number): Int32Array {
  const bits = new Int32Array(length);
  for (let shift = 0; shift < 32; shift += 8) {
    const plane = decodeRans(takeSection(source), length);
    for (let i = 0; i < length; i += 1) bits[i]! |= plane[i]! << shift;
  }
  return bits.map(rotatedRight);
}

function required(base: Int32Array | null): Int32Array {
  if (!base) throw malformed('a chunk rests on a base that there is none of');
  return base;
}

/** The lowest bit of all values, and the one above the highest, as powers of two. */
interface Extent {
  readonly lowest: number;
  readonly above: number;
}

const LEAST_EXPONENT = -149;
/** The last one that fits into its byte. */
const GREATEST_EXPONENT = 106;
const NEGATIVE_ZERO = -(2 ** 31);
/** So that the difference of two still fits into an int32. */
const INTEGER_BITS = 30;

/** Null where no integers reach so far. */
function extentOf(bits: Int32Array): Extent | null {
  let [lowest, above] = [GREATEST_EXPONENT, LEAST_EXPONENT];
  for (let i = 0; i < bits.length && above - lowest <= INTEGER_BITS; i += 1) {
    const field = (bits[i]! >>> 23) & 255;
    const fraction = bits[i]! & 0x7f_ffff;
    const mantissa = field === 0 ? fraction : fraction | 0x80_0000;
    if (mantissa === 0) continue;
    const exponent = Math.max(1, field) + LEAST_EXPONENT - 1;
    lowest = Math.min(lowest, exponent + 31 - Math.clz32(mantissa & -mantissa));
    above = Math.max(above, exponent + 32 - Math.clz32(mantissa));
  }
  return above - lowest <= INTEGER_BITS ? { lowest, above } : null;
}

const spanning = (left: Extent, right: Extent): Extent => ({
  lowest: Math.min(left.lowest, right.lowest),
  above: Math.max(left.above, right.above),
});

/** The exponent of the coarsest grid that everything is on. */
const stepOf = ({ lowest, above }: Extent): number | null => (above - lowest <= INTEGER_BITS ? lowest : null);

function stepsOf(bits: Int32Array, exponent: number): Int32Array {
  const inverse = powerOfTwo(-exponent);
  return Int32Array.from(floatsOf(bits), (value) => value * inverse);
}

/** Its own inverse: numbers in their order from float bits, negative ones counted backwards. */
const ordered = (bits: number): number => (bits < 0 ? bits ^ 0x7fff_ffff : bits);
const rotatedLeft = (bits: number): number => (bits << 1) | (bits >>> 31);
const rotatedRight = (bits: number): number => (bits >>> 1) | (bits << 31);

const isOfNumber = (bits: number): boolean => (bits & 0x7f80_0000) !== 0x7f80_0000;
const bitsOf = (values: Float32Array): Int32Array<ArrayBufferLike> =>
  new Int32Array(values.buffer, values.byteOffset, values.length);
const floatsOf = (bits: Int32Array): Float32Array<ArrayBufferLike> =>
  new Float32Array(bits.buffer, bits.byteOffset, bits.length);

const malformed = (message: string): CodecError => new CodecError('codec-malformed', message);

/** From where to where, tensor by tensor. */
function* chunksOf(sizes: readonly number[]): Generator<readonly [number, number]> {
  let offset = 0;
  for (const size of sizes) {
    const end = offset + size;
    for (; offset < end; offset = Math.min(end, offset + CHUNK))
      yield [offset, Math.min(end, offset + CHUNK)];
  }
}
