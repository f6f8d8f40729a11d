/** Pearson's test, with a threshold that honest bytes pass with probability 1 - 10^-6. */

/** Byte counts. */
export function histogram(...views: readonly Uint8Array[]): Float64Array {
  const counts = new Float64Array(256);
  for (const view of views) for (const byte of view) counts[byte]! += 1;
  return counts;
}

/** Against the uniform distribution; 255 degrees of freedom. */
export function chiSquareUniform(counts: Float64Array): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Of two samples of the same size against each other; 255 degrees of freedom when each value occurs. */
export function chiSquareEqual(one: Float64Array, other: Float64Array): number {
  return one.reduce((sum, count, value) => {
    const both = count + other[value]!;
    return both === 0 ? sum : sum + (count - other[value]!) ** 2 / both;
  }, 0);
}

/** Wilson and Hilferty, 1931: the 1 - 10^-6 quantile at 255 degrees of freedom, with z = 4.7534. */
export const ALARM = 255 * (1 - 2 / (9 * 255) + 4.7534 * Math.sqrt(2 / (9 * 255))) ** 3;
