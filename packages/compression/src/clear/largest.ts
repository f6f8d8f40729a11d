/** Which k values are the largest in magnitude, in time that grows with their number alone: radix selection. */

const MAGNITUDE = 0x7fff_ffff;
/** The 31 bits of a magnitude, from above, in digits whose counts fit in the nearest cache: 11, 10 and 10 bits. */
const DIGITS = [
  { shift: 20, values: 2 ** 11 },
  { shift: 10, values: 2 ** 10 },
  { shift: 0, values: 2 ** 10 },
] as const;

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

/** The least magnitude that is still among the largest, as bits, and how many of the values that have it are. */
function thresholdOf(bits: Uint32Array, count: number): { threshold: number; ties: number } {
  let left = count;
  /** The digits found so far. */
  let prefix = 0;
  for (const { shift, values } of DIGITS) {
    const histogram = countDigits(bits, { shift, values, prefix });
    const digit = digitOf(histogram, left);
    left = digit.left;
    prefix = prefix * values + digit.digit;
  }
  return { threshold: prefix, ties: left };
}

function countDigits(
  bits: Uint32Array,
  { shift, values, prefix }: { shift: number; values: number; prefix: number },
): Uint32Array {
  const histogram = new Uint32Array(values);
  const first = prefix * values;
  for (let i = 0; i < bits.length; i += 1) {
    const digit = ((bits[i]! & MAGNITUDE) >>> shift) - first;
    if (digit >= 0 && digit < values) histogram[digit]! += 1;
  }
  return histogram;
}

/** The digit, counted from above, that the `count`-th value has, and how many of those that have it are among the first. */
function digitOf(histogram: Uint32Array, count: number): { digit: number; left: number } {
  let left = count;
  for (let digit = histogram.length - 1; digit > 0; digit -= 1) {
    if (histogram[digit]! >= left) return { digit, left };
    left -= histogram[digit]!;
  }
  return { digit: 0, left };
}
