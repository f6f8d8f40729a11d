import { createPlainRingVector } from './plain-ring-vector.ts';
import type { RingVector } from './ring-vector.ts';
import { createWasmRingVector } from './wasm-ring-vector.ts';

/** A memory of WebAssembly costs more than adding so few. */
const FEW = 4096;

/** Zeros modulo 2^bits. @param bits 1 to 32 */
export function createLaneSum(length: number, bits: number): RingVector {
  const fast = length > FEW ? createWasmRingVector(length, bits) : null;
  return fast ?? createPlainRingVector(length, bits);
}
