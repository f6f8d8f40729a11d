/**
 * Randomised Hadamard rotation (Suresh et al. 2017, section 3): signs by chance, then the Walsh-Hadamard transform, both
 * orthonormal. Whatever the values were, they are close to normal afterwards, so that one step suits them all.
 *
 * In blocks the values are taken as a matrix, row by row, of which each column is transformed: so each block sees all
 * layers, at most half a per cent is padding, and nothing has to be moved.
 */
import { type RotationKind, rotatedLength, rotationShape } from './linear-lengths.ts';
import { philoxInto, STREAMS } from './philox.ts';
import { openPlainWorkplace, openWasmWorkplace, type Workplace } from './rotation-workplace.ts';

/** Up to so many elements, a memory of WebAssembly costs more than it saves. */
const FEW = 16_384;

export interface Rotation {
  /** L x B: elements after it. */
  readonly to: number;
  /** B: element i of the rotated ones belongs to block i mod B. */
  readonly blocks: number;
  /** As `rotate`, in an array that is good until the next call of any of these, or that was given. */
  rotated(values: Float32Array): Float32Array;
  /** @returns a new array of `to` elements */
  rotate(values: Float32Array): Float32Array<ArrayBuffer>;
  /** The inverse, which is the adjoint: a new array of the elements that were there before padding. */
  unrotate(rotated: Float32Array): Float32Array<ArrayBuffer>;
}

/** @param seed of the round: 32 bytes, public */
export function openRotation(kind: RotationKind, length: number, seed: Uint8Array): Rotation {
  const shape = rotationShape(kind, length);
  const to = rotatedLength(shape);
  const { blocks, blockLength } = shape;
  if (blockLength === 1) {
    const checked = (values: Float32Array) => checkLength(values, to);
    const copy = (values: Float32Array) => Float32Array.from(checked(values));
    return { to, blocks, rotate: copy, rotated: checked, unrotate: copy };
  }
  const signs = new Uint32Array(Math.ceil(to / 32));
  philoxInto(signs, { seed, stream: STREAMS.signs }, 0);
  const scale = Math.fround(1 / Math.sqrt(blockLength));
  let opened: Workplace | undefined;
  const workplace = () => {
    opened ??=
      (to > FEW ? openWasmWorkplace(shape, signs, scale) : null) ?? openPlainWorkplace(shape, signs, scale);
    return opened;
  };
  const rotated = (values: Float32Array) => {
    const place = workplace();
    place.values.set(checkLength(values, length));
    place.values.fill(0, length);
    place.scaleWithSigns();
    place.transform();
    return place.values;
  };
  return {
    to,
    blocks,
    rotated,
    rotate: (values) => Float32Array.from(rotated(values)),
    unrotate: (rotated) => {
      const place = workplace();
      place.values.set(checkLength(rotated, to));
      place.transform();
      place.scaleWithSigns();
      return Float32Array.from(place.values.subarray(0, length));
    },
  };
}

function checkLength(values: Float32Array, length: number): Float32Array {
  if (values.length !== length) throw new RangeError(`${values.length} values instead of ${length}`);
  return values;
}
