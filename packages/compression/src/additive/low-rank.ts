/**
 * Matrices times a random basis that everybody of a round draws alike: M U, with as many columns as the basis has. Linear,
 * unlike factors that follow the matrix, so that sketches add up under a mask, in one exchange. (Vogels et al. 2019 measure
 * such a projection beside theirs; Konečný et al. 2016, section 2, draw one factor, too, but train the other.)
 *
 * U (columns x rank) is orthonormal, so M U U^T is the nearest to M that the basis can say; what is left is the residual. The
 * distribution of U stays the same when its rows change places or signs. So the mean of U U^T is a multiple of the identity,
 * rank / columns by its trace, and columns / rank times M U U^T is M on average.
 */
import { orthonormalise } from '../orthonormal.ts';
import { lengthOf } from '../shapes.ts';
import type { RandomWords } from '../stochastic-rounding.ts';
import { keptOf, type Shapes, type SketchedTensor, sketchedTensors } from './linear-lengths.ts';
import { philoxWords, STREAMS } from './philox.ts';
import type { Sampling } from './sampling.ts';

/** @param seed of the round: 32 bytes, public */
export function lowRank(rank: number, shapes: Shapes, seed: Uint8Array): Sampling {
  const tensors = sketchedTensors(rank, shapes);
  const bases = drawBases(tensors, seed);
  const all = lengthOf(shapes);
  const kept = tensors.reduce((sum, tensor) => sum + keptOf(tensor), 0);
  const back = (values: Float32Array, factorOf: (tensor: SketchedTensor) => number) => {
    checkLength(values, kept);
    const spread = new Float32Array(all);
    tensors.forEach((tensor, index) => {
      const { from, at, rows, columns } = tensor;
      const sketch = values.subarray(at, at + keptOf(tensor));
      const matrix = spread.subarray(from, from + rows * columns);
      const basis = bases[index]!;
      if (basis === null) matrix.set(sketch);
      else timesTransposed(sketch, basis, { ...tensor, factor: factorOf(tensor) }, matrix);
    });
    return spread;
  };
  return {
    kept,
    sample: (values) => {
      checkLength(values, all);
      const sampled = new Float32Array(kept);
      tensors.forEach((tensor, index) => {
        const { from, at, rows, columns } = tensor;
        const matrix = values.subarray(from, from + rows * columns);
        const sketch = sampled.subarray(at, at + keptOf(tensor));
        const basis = bases[index]!;
        if (basis === null) sketch.set(matrix);
        else times(matrix, basis, tensor, sketch);
      });
      return sampled;
    },
    spread: (values) => back(values, () => 1),
    estimate: (values) => back(values, ({ columns, rank: width }) => columns / width),
  };
}

/** Null for tensors that travel whole. */
function drawBases(tensors: readonly SketchedTensor[], seed: Uint8Array): readonly (Float32Array | null)[] {
  const random = philoxWords(seed, STREAMS.basis);
  return tensors.map(({ columns, rank }) => {
    if (rank === columns) return null;
    const basis = drawBellShaped(columns * rank, random);
    orthonormalise(basis, rank);
    return Float32Array.from(basis);
  });
}

/**
 * Sums of four uniform numbers, symmetric about zero (Irwin-Hall): whole numbers, because logarithms and sines may differ between
 * engines in the last place. The proof above asks for independence and symmetry alone.
 */
function drawBellShaped(length: number, random: RandomWords): Float64Array {
  const words = new Uint32Array(2 * length);
  random.fill(words);
  const numbers = new Float64Array(length);
  for (let i = 0; i < length; i += 1) {
    const [a, b] = [words[2 * i]!, words[2 * i + 1]!];
    numbers[i] = (a & 0xffff) + (a >>> 16) + (b & 0xffff) + (b >>> 16) - 2 * 0xffff;
  }
  return numbers;
}

/** M U. */
function times(
  matrix: Float32Array,
  basis: Float32Array,
  { rows, columns, rank }: SketchedTensor,
  into: Float32Array,
): void {
  const sums = new Float64Array(rank);
  for (let i = 0; i < rows; i += 1) {
    sums.fill(0);
    for (let j = 0; j < columns; j += 1) {
      const value = matrix[i * columns + j]!;
      for (let k = 0; k < rank; k += 1) sums[k] = sums[k]! + value * basis[j * rank + k]!;
    }
    into.set(sums, i * rank);
  }
}

/** factor x S U^T. */
function timesTransposed(
  sketch: Float32Array,
  basis: Float32Array,
  { rows, columns, rank, factor }: SketchedTensor & { readonly factor: number },
  into: Float32Array,
): void {
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      let sum = 0;
      for (let k = 0; k < rank; k += 1) sum += sketch[i * rank + k]! * basis[j * rank + k]!;
      into[i * columns + j] = factor * sum;
    }
  }
}

function checkLength(values: Float32Array, length: number): void {
  if (values.length !== length) throw new RangeError(`${values.length} values instead of ${length}`);
}
