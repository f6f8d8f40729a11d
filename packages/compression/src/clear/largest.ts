/** Which k values are the largest in magnitude, in time that grows with their number alone: two passes of a radix selection. */

const HIGH_BITS = 16;
const LOW_BITS = 15;
const MAGNITUDE = 0x7fff_ffff;

/**
 * Indices, ascending, of the `count` values of largest magnitude. Zeros are never among them, so there may be fewer. Of equal
 * magnitudes, those of lower index come first.
 * @param values finite
 */
export function indicesOfLargest(values: Float32Array, count: number): Uint32Array<ArrayBuffer> {
  // Of floats without their sign, the order of the bits is the order of the values (IEEE 754, section 3.4).
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const { threshold, ties } = thresholdOf(bits, count);
  const indices = new Uint32Array(Math.min(count, values.length));
  let found = 0;
  let tiesLeft = ties;
  for (let i = 0; i < bits.length && found < indices.length; i += 1) {
    const magnitude = bits[i]! & MAGNITUDE;
    if (magnitude < threshold || magnitude === 0) continue;
    if (magnitude === threshold) {
      if (tiesLeft === 0) continue;
      tiesLeft -= 1;
    }
    indices[found] = i;
    found += 1;
  }
  return indices.slice(0, found);
}

/** The least magnitude that is still among the largest, as bits, and how many values that have it are. */
function thresholdOf(bits: Uint32Array, count: number): { threshold: number; ties: number } {
  const high = new Uint32Array(2 ** HIGH_BITS);
  for (let i = 0; i < bits.length; i += 1) high[(bits[i]! & MAGNITUDE) >>> LOW_BITS]! += 1;
  const upper = bucketOf(high, count);
  const low = new Uint32Array(2 ** LOW_BITS);
  for (let i = 0; i < bits.length; i += 1) {
    const magnitude = bits[i]! & MAGNITUDE;
    if (magnitude >>> LOW_BITS === upper.bucket) low[magnitude % 2 ** LOW_BITS]! += 1;
  }
  const lower = bucketOf(low, upper.left);
  return { threshold: upper.bucket * 2 ** LOW_BITS + lower.bucket, ties: lower.left };
}

/** The bucket, counted from above, in which the `count`-th value lies, and how many of it belong to the first `count`. */
function bucketOf(histogram: Uint32Array, count: number): { bucket: number; left: number } {
  let left = count;
  for (let bucket = histogram.length - 1; bucket > 0; bucket -= 1) {
    if (histogram[bucket]! >= left) return { bucket, left };
    left -= histogram[bucket]!;
  }
  return { bucket: 0, left };
}
