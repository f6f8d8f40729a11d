/**
 * IDX, the format of the MNIST files (LeCun et al.): two zero bytes, a type (8 = unsigned byte), the number of
 * dimensions, each dimension as a big-endian uint32, then the values.
 */
import { TributaryError } from '@tributary/fl-core';

export interface IdxFile {
  readonly dimensions: readonly number[];
  readonly values: Uint8Array;
}

/** @throws TributaryError `data-invalid` */
export function parseIdx(bytes: Uint8Array, name: string): IdxFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0) {
    throw new TributaryError('data-invalid', `${name} is not an IDX file: its magic number is wrong`);
  }
  if (view.getUint8(2) !== 8) {
    throw new TributaryError(
      'data-invalid',
      `${name} holds values of type ${view.getUint8(2)}, expected 8 (bytes)`,
    );
  }
  const rank = view.getUint8(3);
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) throw new TributaryError('data-invalid', `${name} ends inside its header`);
  const dimensions = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = dimensions.reduce((product, dimension) => product * dimension, 1);
  if (bytes.length !== headerBytes + count) {
    throw new TributaryError(
      'data-invalid',
      `${name} promises ${count} values and holds ${bytes.length - headerBytes}`,
    );
  }
  return { dimensions, values: bytes.subarray(headerBytes) };
}
