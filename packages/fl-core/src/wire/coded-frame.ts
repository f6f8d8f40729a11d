/**
 * The frame of an update in a clear code. Little-endian throughout.
 *
 * ```text
 * offset  bytes  field
 *      0      4  magic "TRBC"
 *      4      2  version (1)
 *      6      1  codec (1 eden, 2 codebook, 3 top-k, 4 truncated, 5 power-sgd)
 *      7      1  reserved (0)
 *      8      4  d, values of the update
 *     12      .  payload: the code, to the end
 * ```
 *
 * There is no checksum inside: the SHA-256 that was announced covers the frame. How long a frame is depends on the update; how
 * long it may be follows from the manifest.
 */
import { type ClearPlanLike, longestClearCode } from '@tributary/compression';
import { TributaryError } from '../errors.ts';
import { parameterCount, type TensorShape } from '../parameters.ts';
import type { ClearPlan } from '../task/compression-plan.ts';

const MAGIC = 0x43425254; // "TRBC" read as a little-endian uint32
const VERSION = 1;
const CODECS = {
  eden: 1,
  codebook: 2,
  'top-k': 3,
  truncated: 4,
  'power-sgd': 5,
} as const satisfies Record<ClearPlan['codec'], number>;
const HEADER_BYTES = 12;

export interface CodedUpdatePlan {
  readonly compression: ClearPlanLike;
  readonly shapes: readonly TensorShape[];
}

/** No frame of this plan is longer. */
export function longestCodedFrame({ compression, shapes }: CodedUpdatePlan): number {
  return HEADER_BYTES + longestClearCode(compression, shapes);
}

export function encodeCodedFrame(
  payload: Uint8Array,
  { compression, shapes }: CodedUpdatePlan,
): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint8(6, CODECS[compression.codec]);
  view.setUint32(8, parameterCount(shapes), true);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** What an eden code spends on a value, as its payload says first; null for every other frame. */
export function bitsOfCodedFrame(frame: Uint8Array): number | null {
  if (frame.length <= HEADER_BYTES) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const isEden = view.getUint32(0, true) === MAGIC && view.getUint8(6) === CODECS.eden;
  return isEden ? view.getUint8(HEADER_BYTES) : null;
}

/**
 * @returns the payload, a view of `frame`
 * @throws TributaryError with a `frame-*` code
 */
export function decodeCodedFrame(frame: Uint8Array, plan: CodedUpdatePlan): Uint8Array {
  const longest = longestCodedFrame(plan);
  if (frame.length < HEADER_BYTES || frame.length > longest) {
    throw new TributaryError(
      'frame-length',
      `a frame of ${frame.length} bytes, expected ${HEADER_BYTES} to ${longest}`,
    );
  }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new TributaryError('frame-magic', 'not a coded frame');
  if (view.getUint16(4, true) !== VERSION) {
    throw new TributaryError(
      'frame-version',
      `frame version ${view.getUint16(4, true)}, expected ${VERSION}`,
    );
  }
  const codec = view.getUint8(6);
  if (codec !== CODECS[plan.compression.codec] || view.getUint8(7) !== 0) {
    throw new TributaryError('frame-dtype', `codec ${codec}: not the code of this run`);
  }
  const [length, expected] = [view.getUint32(8, true), parameterCount(plan.shapes)];
  if (length !== expected) {
    throw new TributaryError('frame-shape', `${length} values, expected ${expected}`);
  }
  return frame.subarray(HEADER_BYTES);
}
