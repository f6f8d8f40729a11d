/** Several arrays, one after another, in the saved or scratch bytes of an operation. */
import type { BufferRange } from './storage.ts';

/** What WebGPU wants the offset of a binding to be a multiple of (`minStorageBufferOffsetAlignment`). */
const ALIGNMENT = 256;

export const bytesOfParts = (sizes: readonly number[]): number =>
  sizes.reduce((total, size) => total + aligned(size), 0);

/** In the order of `sizes`, in bytes. */
export function partsOf(range: BufferRange, sizes: readonly number[]): readonly BufferRange[] {
  let offset = range.offset;
  return sizes.map((size) => {
    const part = { ...range, offset, size };
    offset += aligned(size);
    return part;
  });
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
