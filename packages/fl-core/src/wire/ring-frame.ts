/**
 * The frame of an additive update: integers of a ring, and a short tail of counts in a ring of 32 bits. Masked or not, it
 * has the same form. Little-endian throughout.
 *
 * ```text
 * offset  bytes  field
 *      0      4  magic "TRBR"
 *      4      2  version (1)
 *      6      2  flags (bit 0: masked)
 *      8      4  d, elements of the update
 *     12      1  b, bits of each
 *     13      1  t, elements of the tail
 *     14      2  reserved (0)
 *     16      .  the update: element e in bits e b to (e + 1) b - 1, ceil(d b / 8) bytes
 *   last     4t  the tail
 * ```
 *
 * There is no checksum inside: the SHA-256 that was announced covers the frame.
 */
import { packedBytes } from '@tributary/compression';
import { TributaryError } from '../errors.ts';

const MAGIC = 0x52425254; // "TRBR" read as a little-endian uint32
const VERSION = 1;
const FLAG_MASKED = 1;
const HEADER_BYTES = 16;

/** What both sides compute from the manifest; a frame of another layout is refused. */
export interface RingFrameLayout {
  readonly isMasked: boolean;
  /** Elements of the update. */
  readonly length: number;
  /** Of one element, 1 to 32. */
  readonly bits: number;
  /** Elements of the tail. */
  readonly tailLength: number;
}

export interface RingFrame {
  /** ceil(length x bits / 8) bytes. */
  readonly packed: Uint8Array;
  /** Four bytes an element. */
  readonly tail: Uint8Array;
}

export function ringFrameLength({ length, bits, tailLength }: RingFrameLayout): number {
  return HEADER_BYTES + packedBytes(length, bits) + 4 * tailLength;
}

export function encodeRingFrame(layout: RingFrameLayout, { packed, tail }: RingFrame): Uint8Array {
  if (packed.length !== packedBytes(layout.length, layout.bits) || tail.length !== 4 * layout.tailLength) {
    throw new TributaryError('frame-length', 'update or tail do not have the length of their layout');
  }
  const frame = new Uint8Array(ringFrameLength(layout));
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, layout.isMasked ? FLAG_MASKED : 0, true);
  view.setUint32(8, layout.length, true);
  view.setUint8(12, layout.bits);
  view.setUint8(13, layout.tailLength);
  frame.set(packed, HEADER_BYTES);
  frame.set(tail, frame.length - tail.length);
  return frame;
}

/**
 * @returns views of `frame`
 * @throws TributaryError with a `frame-*` code
 */
export function decodeRingFrame(frame: Uint8Array, layout: RingFrameLayout): RingFrame {
  if (frame.length !== ringFrameLength(layout)) {
    throw new TributaryError(
      'frame-length',
      `a frame of ${frame.length} bytes, expected ${ringFrameLength(layout)}`,
    );
  }
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new TributaryError('frame-magic', 'not a ring frame');
  if (view.getUint16(4, true) !== VERSION) {
    throw new TributaryError(
      'frame-version',
      `frame version ${view.getUint16(4, true)}, expected ${VERSION}`,
    );
  }
  const flags = view.getUint16(6, true);
  if (flags !== (layout.isMasked ? FLAG_MASKED : 0) || view.getUint16(14, true) !== 0) {
    throw new TributaryError('frame-dtype', `flags ${flags}: not the kind of frame that this run sums`);
  }
  const [length, bits, tailLength] = [view.getUint32(8, true), view.getUint8(12), view.getUint8(13)];
  if (length !== layout.length || bits !== layout.bits || tailLength !== layout.tailLength) {
    throw new TributaryError(
      'frame-shape',
      `${length} elements of ${bits} bits and ${tailLength} more, expected ${layout.length} of ${layout.bits} and ${layout.tailLength}`,
    );
  }
  const tailAt = frame.length - 4 * layout.tailLength;
  checkPadding(frame, layout, tailAt);
  return { packed: frame.subarray(HEADER_BYTES, tailAt), tail: frame.subarray(tailAt) };
}

/** One update has one frame: the bits behind the last element are zero. */
function checkPadding(frame: Uint8Array, { length, bits }: RingFrameLayout, end: number): void {
  const used = (length * bits) % 8;
  if (used !== 0 && frame[end - 1]! >>> used !== 0) {
    throw new TributaryError('frame-shape', 'the bits behind the last element are not zero');
  }
}
