/** A tensor with its axes in another order, as bytes: frameworks disagree where channels belong. */
import type { TensorShape } from '@tributary/fl-core';
import { littleEndianBytes } from '../tensor-bytes.ts';
import type { LazyBytes } from './protobuf.ts';

const PIECE_VALUES = 65_536;

/** @param order the axis of the input that each axis of the output is */
export function permuted(values: Float32Array, shape: TensorShape, order: readonly number[]): LazyBytes {
  return {
    length: 4 * values.length,
    *pieces() {
      const strides = order.map((axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
      const sizes = order.map((axis) => shape[axis]!);
      const place = sizes.map(() => 0);
      let from = 0;
      for (let done = 0; done < values.length; ) {
        const piece = new Float32Array(Math.min(PIECE_VALUES, values.length - done));
        for (let i = 0; i < piece.length; i += 1) {
          piece[i] = values[from]!;
          // The next place in reading order of the output.
          for (let axis = sizes.length - 1; axis >= 0; axis -= 1) {
            place[axis]! += 1;
            from += strides[axis]!;
            if (place[axis]! < sizes[axis]!) break;
            from -= strides[axis]! * sizes[axis]!;
            place[axis] = 0;
          }
        }
        done += piece.length;
        yield littleEndianBytes(piece);
      }
    },
  };
}
