/** Where values are while they are rotated: plainly, or in the memory of WebAssembly with the same bits. */
import { openLinearKernels } from './kernels.ts';
import type { RotationShape } from './linear-lengths.ts';

export interface Workplace {
  readonly values: Float32Array<ArrayBuffer>;
  /** Bit i mod 32 of word floor(i / 32) of the signs is set where element i changes its sign. */
  scaleWithSigns(): void;
  /** Of each column of L rows of B values, unscaled: rows that are 1, 2, 4, ... apart. */
  transform(): void;
}

export function openPlainWorkplace(shape: RotationShape, signs: Uint32Array, scale: number): Workplace {
  const values = new Float32Array(shape.blockLength * shape.blocks);
  return {
    values,
    scaleWithSigns: () => scaleWithSigns(values, signs, scale),
    transform: () => transform(values, shape.blocks),
  };
}

/** Addresses below this one are the compiler's. */
const SIGNS = 1024;

/** Null where WebAssembly SIMD cannot run. */
export function openWasmWorkplace(shape: RotationShape, signs: Uint32Array, scale: number): Workplace | null {
  const length = shape.blockLength * shape.blocks;
  // The kernel takes the signs of 32 values at a time, and vectors of 16 bytes.
  const at = SIGNS + 16 * Math.ceil(signs.byteLength / 16);
  const opened = openLinearKernels(at + 4 * 32 * signs.length);
  if (opened === null) return null;
  const { kernels, buffer } = opened;
  new Uint32Array(buffer, SIGNS, signs.length).set(signs);
  return {
    values: new Float32Array(buffer, at, length),
    scaleWithSigns: () => kernels.scaleWithSigns(at, length, SIGNS, scale),
    transform: () => kernels.transform(at, length, shape.blocks),
  };
}

function scaleWithSigns(values: Float32Array, signs: Uint32Array, scale: number): void {
  for (let i = 0; i < values.length; i += 1) {
    values[i] = values[i]! * ((signs[i >>> 5]! >>> (i & 31)) & 1 ? -scale : scale);
  }
}

function transform(values: Float32Array, columns: number): void {
  for (let apart = columns; apart < values.length; apart *= 2) {
    for (let start = 0; start < values.length; start += 2 * apart) {
      for (let i = start; i < start + apart; i += 1) {
        const [a, b] = [values[i]!, values[i + apart]!];
        values[i] = a + b;
        values[i + apart] = a - b;
      }
    }
  }
}
