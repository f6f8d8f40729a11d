import { createPlainRingVector } from './plain-ring-vector.ts';
import type { RingVector } from './ring-vector.ts';

/** Zeros modulo 2^bits. @param bits 2 to 32 */
export function createLaneSum(length: number, bits: number): RingVector {
  return createPlainRingVector(length, bits);
}
