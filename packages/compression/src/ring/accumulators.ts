/** What sums are kept in: the narrowest integers whose overflow is that of the ring, or of one with more bits. */
export type Accumulators = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

export function accumulatorBytesOf(bits: number): number {
  if (bits <= 8) return 1;
  return bits <= 16 ? 2 : 4;
}

/** In a buffer of their own unless told. */
export function accumulatorsOf(place: {
  readonly length: number;
  readonly bits: number;
  readonly buffer?: ArrayBuffer;
  readonly at?: number;
}): Accumulators {
  const { length, bits, at = 0 } = place;
  const bytes = accumulatorBytesOf(bits);
  const buffer = place.buffer ?? new ArrayBuffer(length * bytes);
  if (bytes === 1) return new Uint8Array(buffer, at, length);
  return bytes === 2 ? new Uint16Array(buffer, at, length) : new Uint32Array(buffer, at, length);
}
