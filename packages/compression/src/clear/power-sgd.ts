/**
 * Matrices as products of two thin ones, found by one step of power iteration that begins where that of the last update
 * ended (Vogels et al. 2019, algorithm 1). There, workers average each factor before the next one is computed; here each
 * device takes both steps alone and sends both factors, so one message is enough, and the coordinator sums the products.
 *
 *     byte 0        rank (the plan's)
 *     then          each tensor, in order: of a matrix of n x m, P (n x rank) and Q (m x rank), row by row; others whole
 *
 * All numbers are float32, little-endian. A tensor is seen as a matrix whose last dimension are its columns. Vectors, and
 * matrices whose factors would not be smaller than themselves, travel whole.
 */
import { CodecError } from '../errors.ts';
import { unexpired } from '../feedback.ts';
import { areFinite } from '../finite.ts';
import { orthonormalise } from '../orthonormal.ts';
import { elementsOf, lengthOf } from '../shapes.ts';
import type { RandomWords } from '../stochastic-rounding.ts';
import type { ClearContext, Coded } from './clear-code.ts';
import type { PlanOf } from './clear-plan.ts';

type PowerSgdPlan = PlanOf<'power-sgd'>;

export function codePowerSgd(values: Float32Array, plan: PowerSgdPlan, context: ClearContext): Coded {
  const tensors = tensorsOf(context.shapes, plan.rank);
  const basis = startingBasis(tensors, plan, context);
  const numbers = new Float32Array(tensors.reduce((sum, tensor) => sum + numbersOf(tensor), 0));
  const decoded = new Float32Array(values.length);
  for (const tensor of tensors) {
    const tensorValues = values.subarray(tensor.from, tensor.from + tensor.length);
    const sent = numbers.subarray(tensor.at, tensor.at + numbersOf(tensor));
    if (tensor.kind === 'whole') sent.set(tensorValues);
    else factorise(tensorValues, tensor, basis.subarray(tensor.basisAt), sent);
    rebuild(sent, tensor, decoded.subarray(tensor.from, tensor.from + tensor.length));
  }
  if (!areFinite(decoded))
    throw new CodecError('codec-not-finite', 'the update is too large for its factors');
  return { bytes: toBytes(plan.rank, numbers), decoded, basis };
}

/** @throws CodecError `codec-malformed` */
export function decodePowerSgd(
  bytes: Uint8Array,
  plan: PowerSgdPlan,
  { shapes }: Pick<ClearContext, 'shapes'>,
): Float32Array<ArrayBuffer> {
  const tensors = tensorsOf(shapes, plan.rank);
  const numbers = fromBytes(
    bytes,
    plan.rank,
    tensors.reduce((sum, tensor) => sum + numbersOf(tensor), 0),
  );
  const decoded = new Float32Array(lengthOf(shapes));
  for (const tensor of tensors) {
    rebuild(
      numbers.subarray(tensor.at, tensor.at + numbersOf(tensor)),
      tensor,
      decoded.subarray(tensor.from, tensor.from + tensor.length),
    );
  }
  if (!areFinite(decoded)) throw malformed('a value is not finite');
  return decoded;
}

/** Where a tensor lies: among the parameters from `from` on, among the numbers that travel from `at` on. */
type Tensor = { readonly from: number; readonly at: number; readonly length: number } & (
  | { readonly kind: 'whole' }
  | {
      readonly kind: 'factors';
      readonly rows: number;
      readonly columns: number;
      readonly rank: number;
      readonly basisAt: number;
    }
);
type Matrix = Extract<Tensor, { kind: 'factors' }>;

function tensorsOf(shapes: readonly (readonly number[])[], rank: number): readonly Tensor[] {
  const tensors: Tensor[] = [];
  let from = 0;
  let at = 0;
  let basisAt = 0;
  for (const shape of shapes) {
    const length = elementsOf(shape);
    const columns = shape.at(-1) ?? 1;
    const rows = length / columns;
    const place = { from, at, length };
    const factors = rank * (rows + columns);
    if (shape.length >= 2 && factors < length) {
      tensors.push({ ...place, kind: 'factors', rows, columns, rank, basisAt });
      at += factors;
      basisAt += rank * columns;
    } else {
      tensors.push({ ...place, kind: 'whole' });
      at += length;
    }
    from += length;
  }
  return tensors;
}

const numbersOf = (tensor: Tensor): number =>
  tensor.kind === 'whole' ? tensor.length : tensor.rank * (tensor.rows + tensor.columns);

/** Q of the last update; drawn where there is none, and where a column became zero, which it would stay for ever. */
function startingBasis(
  tensors: readonly Tensor[],
  { feedback: plan }: PowerSgdPlan,
  { feedback, random, roundNumber, shapes }: ClearContext,
): Float32Array<ArrayBuffer> {
  const matrices = tensors.filter((tensor) => tensor.kind === 'factors');
  const length = matrices.reduce((sum, { columns, rank }) => sum + columns * rank, 0);
  const memory =
    plan.mode === 'on'
      ? unexpired(feedback, {
          roundNumber,
          expiresAfterRounds: plan.expiresAfterRounds,
          length: lengthOf(shapes),
        })
      : null;
  const kept = memory?.basis?.length === length ? memory.basis : null;
  const drawn = drawUniform(length, random);
  if (kept === null) return drawn;
  const basis = new Float32Array(kept);
  for (const matrix of matrices) redrawZeroColumns(basis, matrix, drawn);
  return basis;
}

function redrawZeroColumns(
  basis: Float32Array,
  { basisAt, columns, rank }: Matrix,
  drawn: Float32Array,
): void {
  for (let k = 0; k < rank; k += 1) {
    let isZero = true;
    for (let j = 0; j < columns; j += 1) isZero &&= basis[basisAt + j * rank + k] === 0;
    for (let j = 0; isZero && j < columns; j += 1) {
      basis[basisAt + j * rank + k] = drawn[basisAt + j * rank + k]!;
    }
  }
}

/** In [-1, 1). */
function drawUniform(length: number, random: RandomWords): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(length);
  for (let from = 0; from < length; from += 16_384) random.fill(words.subarray(from, from + 16_384));
  return Float32Array.from(words, (word) => word * 2 ** -31 - 1);
}

/**
 * P = orthonormalise(M Q), Q = M^T P.
 * @param basis Q of this matrix from its start on; overwritten with the new one
 * @param into P, then Q
 */
function factorise(
  m: Float32Array,
  { rows, columns, rank }: Matrix,
  basis: Float32Array,
  into: Float32Array,
): void {
  const p = new Float64Array(rows * rank);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      const value = m[i * columns + j]!;
      for (let k = 0; k < rank; k += 1) p[i * rank + k] = p[i * rank + k]! + value * basis[j * rank + k]!;
    }
  }
  orthonormalise(p, rank);
  const sentP = into.subarray(0, rows * rank);
  sentP.set(p);
  const q = new Float64Array(columns * rank);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      const value = m[i * columns + j]!;
      for (let k = 0; k < rank; k += 1) q[j * rank + k] = q[j * rank + k]! + value * sentP[i * rank + k]!;
    }
  }
  into.set(q, rows * rank);
  basis.set(into.subarray(rows * rank));
}

/** P Q^T, or the values as they came. */
function rebuild(numbers: Float32Array, tensor: Tensor, into: Float32Array): void {
  if (tensor.kind === 'whole') {
    into.set(numbers);
    return;
  }
  const { rows, columns, rank } = tensor;
  const q = numbers.subarray(rows * rank);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      let sum = 0;
      for (let k = 0; k < rank; k += 1) sum += numbers[i * rank + k]! * q[j * rank + k]!;
      into[i * columns + j] = sum;
    }
  }
}

function toBytes(rank: number, numbers: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1 + 4 * numbers.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, rank);
  for (let i = 0; i < numbers.length; i += 1) view.setFloat32(1 + 4 * i, numbers[i]!, true);
  return bytes;
}

function fromBytes(bytes: Uint8Array, rank: number, length: number): Float32Array {
  if (bytes[0] !== rank) throw malformed(`rank ${bytes[0]} instead of ${rank}`);
  if (bytes.length !== 1 + 4 * length) throw malformed(`${bytes.length} bytes instead of ${1 + 4 * length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length }, (_, i) => view.getFloat32(1 + 4 * i, true));
}

const malformed = (what: string): CodecError =>
  new CodecError('codec-malformed', `these are not the factors of an update: ${what}`);
