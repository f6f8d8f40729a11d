/**
 * A vector of integers modulo 2^b that others are added to: the sum of a cohort, or one participant's update with its masks.
 *
 * Its elements travel in three forms: as lanes (little-endian, `laneBytes` each, only the low b bits count), packed
 * (pack.ts, b bits each), or as signed values. Ranges of packed elements begin at a byte; at a multiple of 16 elements, they
 * do so in every form, and at a block of AES.
 */
export interface RingVector {
  /** Elements. */
  readonly length: number;
  /** b: 1 to 32. */
  readonly bits: number;
  /** Bytes of one lane: ceil(b / 8). */
  readonly laneBytes: number;

  /** Adds lanes, beginning at element `at`. `bytes` is read before the call returns. */
  add(bytes: Uint8Array, at: number): void;
  subtract(bytes: Uint8Array, at: number): void;
  /**
   * Adds packed elements, beginning at element `at` (0): all that fit into `bytes`, and the vector.
   * @throws RangeError when element `at` begins within a byte, or there are bytes left over
   */
  addPacked(bytes: Uint8Array, at?: number): void;
  /** Adds integers, beginning at element `at` (0). */
  addValues(values: Int32Array, at?: number): void;
  /** Adds a vector of the same length and ring. */
  addVector(other: RingVector): void;

  /** Elements [from, to) as lanes: below 2^b, whatever was added. All of them unless told. */
  lanes(from?: number, to?: number): Uint8Array<ArrayBuffer>;
  /** @throws RangeError when element `from` begins within a byte */
  packed(from?: number, to?: number): Uint8Array<ArrayBuffer>;
  /** Elements [from, to) within [-2^(b-1), 2^(b-1)). */
  signedValues(from?: number, to?: number): Int32Array<ArrayBuffer>;
}
