/** L2 clipping of one model delta (McMahan et al. 2018, section 2; Abadi et al. 2016, algorithm 1). */

/** Euclidean norm in float64; NaN or infinity in, NaN or infinity out. */
export function l2Norm(values: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < values.length; i += 1) squares += values[i]! * values[i]!;
  return Math.sqrt(squares);
}

/**
 * Scales `values` in place so that their norm is at most `clippingNorm`, also after rounding to float32.
 * @returns the norm before clipping
 */
export function clipToNorm(values: Float32Array, clippingNorm: number): number {
  const norm = l2Norm(values);
  if (!(norm > clippingNorm)) return norm;
  // Rounding each value to float32 can lift the norm by a relative 2^-24; the last factor pays for it.
  const factor = (clippingNorm / norm) * (1 - 2 ** -23);
  for (let i = 0; i < values.length; i += 1) values[i] = values[i]! * factor;
  return norm;
}
