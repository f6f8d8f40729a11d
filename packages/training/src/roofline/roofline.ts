/**
 * The roofline model (Williams, Waterman and Patterson 2009): a kernel can go no faster than its arithmetic allows at the
 * processor's peak, nor faster than its bytes allow at the memory's.
 */

/** What one call does: multiplications and additions, and the bytes that it cannot avoid to read and write. */
export interface KernelWork {
  readonly flops: number;
  readonly bytes: number;
}

export interface Ceilings {
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** min(peak, intensity x bandwidth), in floating-point operations per second; `intensity` is their number per byte. */
export function attainable({ flopsPerSecond, bytesPerSecond }: Ceilings, intensity: number): number {
  return Math.min(flopsPerSecond, intensity * bytesPerSecond);
}

/**
 * The time that the ceilings allow over the time that was taken. Small data stays in caches, which are faster than the memory
 * that the ceiling was measured on: then it may exceed 1.
 */
export function shareOfBound(ceilings: Ceilings, { flops, bytes }: KernelWork, seconds: number): number {
  return Math.max(flops / ceilings.flopsPerSecond, bytes / ceilings.bytesPerSecond) / seconds;
}
