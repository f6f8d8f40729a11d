/**
 * The binary tensor frame: how models and updates travel and are stored. Little-endian throughout.
 *
 * ```text
 * offset  bytes  field
 *      0      4  magic "TRBF"
 *      4      2  version (1)
 *      6      1  dtype (1 = float32)
 *      7      1  reserved (0)
 *      8      4  tensor count t
 *     12      4  payload length in bytes
 *     16      .  t shapes: rank (4), then each dimension (4)
 *      .      .  payload: tensors one after another, row-major
 *   last     32  SHA-256 of everything before it
 * ```
 *
 * The header is a multiple of four bytes, so the payload can be viewed as float32 without a copy.
 */
import { TributaryError } from '../errors.ts';
import { type ParameterSet, parameterCount, sameShapes, type TensorShape } from '../parameters.ts';
import type { Sha256 } from '../ports/hash.ts';

const MAGIC = 0x46425254; // "TRBF" read as a little-endian uint32
const VERSION = 1;
const DTYPE_FLOAT32 = 1;
const FIXED_HEADER_BYTES = 16;
const CHECKSUM_BYTES = 32;
const MAXIMUM_TENSORS = 4096;
const MAXIMUM_RANK = 8;

/** Length of the frame that holds these tensors. */
export function frameLength(shapes: readonly TensorShape[]): number {
  return headerLength(shapes) + 4 * parameterCount(shapes) + CHECKSUM_BYTES;
}

export function encodeFrame(parameters: ParameterSet, sha256: Sha256): Uint8Array {
  const { shapes, values } = parameters;
  if (values.length !== parameterCount(shapes)) {
    throw new TributaryError('frame-shape', `${values.length} values do not fill the given shapes`);
  }
  const frame = new Uint8Array(frameLength(shapes));
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint8(6, DTYPE_FLOAT32);
  view.setUint32(8, shapes.length, true);
  view.setUint32(12, values.length * 4, true);
  let offset = FIXED_HEADER_BYTES;
  for (const shape of shapes) {
    view.setUint32(offset, shape.length, true);
    offset += 4;
    for (const dimension of shape) {
      view.setUint32(offset, dimension, true);
      offset += 4;
    }
  }
  writeFloats(frame, offset, values);
  const end = frame.length - CHECKSUM_BYTES;
  frame.set(sha256(frame.subarray(0, end)), end);
  return frame;
}

/**
 * Reads a frame and proves it whole. `expectedShapes` is what the task prescribes: a frame of other shapes is
 * refused before its payload is looked at.
 * @throws TributaryError with a `frame-*` code
 */
export function decodeFrame(
  frame: Uint8Array,
  options: {
    sha256: Sha256;
    expectedShapes?: readonly TensorShape[];
    /** The values may be a view of `frame` where memory allows it, instead of a copy. */
    mayShare?: boolean;
  },
): ParameterSet {
  if (frame.length < FIXED_HEADER_BYTES + CHECKSUM_BYTES) {
    throw new TributaryError('frame-length', `a frame of ${frame.length} bytes is too short to be one`);
  }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new TributaryError('frame-magic', 'not a tensor frame');
  if (view.getUint16(4, true) !== VERSION) {
    throw new TributaryError(
      'frame-version',
      `frame version ${view.getUint16(4, true)}, expected ${VERSION}`,
    );
  }
  if (view.getUint8(6) !== DTYPE_FLOAT32 || view.getUint8(7) !== 0) {
    throw new TributaryError('frame-dtype', `dtype ${view.getUint8(6)}, expected ${DTYPE_FLOAT32} (float32)`);
  }
  const { shapes, payloadOffset } = readShapes(view);
  const count = parameterCount(shapes);
  const payloadBytes = view.getUint32(12, true);
  if (payloadBytes !== count * 4 || frame.length !== payloadOffset + payloadBytes + CHECKSUM_BYTES) {
    throw new TributaryError(
      'frame-length',
      `shapes promise ${count} values, the frame announces ${payloadBytes} bytes and holds ${frame.length}`,
    );
  }
  if (options.expectedShapes && !sameShapes(shapes, options.expectedShapes)) {
    throw new TributaryError(
      'frame-shape',
      `shapes ${describe(shapes)}, expected ${describe(options.expectedShapes)}`,
    );
  }
  const end = frame.length - CHECKSUM_BYTES;
  const checksum = options.sha256(frame.subarray(0, end));
  if (!checksum.every((byte, i) => byte === frame[end + i])) {
    throw new TributaryError('frame-checksum', 'the checksum does not fit the content');
  }
  const shared = options.mayShare ? viewFloats(frame, payloadOffset, count) : null;
  return { shapes, values: shared ?? readFloats(frame, payloadOffset, count) };
}

function headerLength(shapes: readonly TensorShape[]): number {
  return shapes.reduce((length, shape) => length + 4 + 4 * shape.length, FIXED_HEADER_BYTES);
}

function readShapes(view: DataView): { shapes: number[][]; payloadOffset: number } {
  const tensors = view.getUint32(8, true);
  if (tensors > MAXIMUM_TENSORS) {
    throw new TributaryError('frame-shape', `${tensors} tensors, at most ${MAXIMUM_TENSORS}`);
  }
  const limit = view.byteLength - CHECKSUM_BYTES;
  let offset = FIXED_HEADER_BYTES;
  const next = (): number => {
    if (offset + 4 > limit) throw new TributaryError('frame-length', 'the frame ends inside its shapes');
    const value = view.getUint32(offset, true);
    offset += 4;
    return value;
  };
  const shapes: number[][] = [];
  for (let tensor = 0; tensor < tensors; tensor += 1) {
    const rank = next();
    if (rank > MAXIMUM_RANK) throw new TributaryError('frame-shape', `rank ${rank}, at most ${MAXIMUM_RANK}`);
    shapes.push(Array.from({ length: rank }, next));
  }
  return { shapes, payloadOffset: offset };
}

/** For people, so cut short. */
function describe(shapes: readonly TensorShape[]): string {
  const text = shapes.map((shape) => `[${shape.join(',')}]`).join('');
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function writeFloats(frame: Uint8Array, offset: number, values: Float32Array): void {
  if (HOST_IS_LITTLE_ENDIAN) {
    frame.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    return;
  }
  const view = new DataView(frame.buffer, frame.byteOffset);
  for (let i = 0; i < values.length; i += 1) view.setFloat32(offset + 4 * i, values[i]!, true);
}

/** Null where bytes and floats do not lie alike. */
function viewFloats(frame: Uint8Array, offset: number, count: number): Float32Array | null {
  const start = frame.byteOffset + offset;
  return HOST_IS_LITTLE_ENDIAN && start % 4 === 0 ? new Float32Array(frame.buffer, start, count) : null;
}

/** Copies: the caller may keep the result while the frame's buffer is reused. */
function readFloats(frame: Uint8Array, offset: number, count: number): Float32Array {
  const values = new Float32Array(count);
  if (HOST_IS_LITTLE_ENDIAN) {
    new Uint8Array(values.buffer).set(frame.subarray(offset, offset + 4 * count));
    return values;
  }
  const view = new DataView(frame.buffer, frame.byteOffset);
  for (let i = 0; i < count; i += 1) values[i] = view.getFloat32(offset + 4 * i, true);
  return values;
}
