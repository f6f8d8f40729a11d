/**
 * Gradients of parameters that all rows share: a tall matrix is summed over its rows in two stages. First each invocation
 * takes one column and every so many-th row (a chunk), and leaves its partial sum in scratch; then one invocation per column
 * adds those up. No number is written by two invocations, so the sum is the same each time.
 */
import type { ParameterReference } from '../../network/network.ts';
import { type Dispatch, dispatchOver, inAll } from '../dispatch.ts';
import type { Placement } from '../operation.ts';
import { accumulates, type BufferRange, readsRaw } from '../storage.ts';

const MOST_CHUNKS = 128;

/** Enough chunks to keep a GPU busy, and no more than there are rows. */
export const chunksOf = (rows: number): number => Math.min(rows, MOST_CHUNKS);

/** Bytes of partial sums: `columns` in each chunk. */
export const partialBytes = (chunks: number, columns: number): number => 4 * chunks * columns;

export interface SharedParameter {
  readonly reference: ParameterReference;
  readonly size: number;
}

/** The second stage. Each chunk's row of `partial` holds the sums of all `parameters`, one after another. */
export function addPartialSums(
  { parameterGradient }: Placement,
  partial: BufferRange,
  chunks: number,
  parameters: readonly SharedParameter[],
): readonly Dispatch[] {
  const width = parameters.reduce((total, { size }) => total + size, 0);
  let from = 0;
  return parameters.flatMap(({ reference, size }) => {
    const first = from;
    from += size;
    if (reference.store === 'frozen') return [];
    return [
      dispatchOver({
        label: 'partial sums',
        count: inAll(size),
        bindings: {
          partial: readsRaw(partial, 'f32'),
          // Reached number by number: there are few, and more invocations hide more of the waiting.
          gradient: accumulates({ ...parameterGradient(reference, 1) }),
        },
        body: `
  var sum = 0.0;
  for (var chunk = 0u; chunk < ${chunks}u; chunk++) { sum += partial[chunk * ${width}u + ${first}u + i]; }
  gradient_put(i, sum);`,
      }),
    ];
  });
}
