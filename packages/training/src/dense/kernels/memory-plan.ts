/** Where everything of one network lies in its WebAssembly memory. */
import { denseWidths, TributaryError } from '@tributary/fl-core';
import { momentsOf } from '../../check-request.ts';
import type { DenseEngineSpec } from '../engine.ts';

/** Rows are padded to this, so that kernels need no scalar remainder. */
const BLOCK_BYTES = 32;
const PAGE_BYTES = 65_536;
const MAXIMUM_PAGES = 65_536;
/** Examples per pass; a larger batch adds up its gradient over several passes. */
const MAXIMUM_PASS = 64;
/** Keeps a pass over very wide inputs within some tens of megabytes. */
const MAXIMUM_PASS_VALUES = 4_000_000;

/** A tensor pair within any vector of parameter layout; offsets from the start of that vector. */
interface LayerPlan {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernelOffset: number;
  readonly biasOffset: number;
}

/** Activations of one layer for a whole pass. */
interface RowsPlan {
  readonly width: number;
  readonly stride: number;
  readonly values: number;
  readonly lists: number;
  readonly counts: number;
  readonly errors: number;
}

export interface MemoryPlan {
  readonly examplesPerPass: number;
  readonly layers: readonly LayerPlan[];
  readonly rows: readonly RowsPlan[];
  /** Bytes of one vector of parameter layout, padding included. */
  readonly vectorBytes: number;
  readonly parameters: number;
  readonly gradient: number;
  readonly moments: readonly number[];
  readonly labels: number;
  readonly members: number;
  readonly memberCounts: number;
  readonly pages: number;
}

/** @throws TributaryError `model-unsupported` beyond the 4 GiB that WebAssembly can address */
export function planMemory({ model, optimiser, batchSize }: DenseEngineSpec, heapBase: number): MemoryPlan {
  const widths = denseWidths(model);
  const widest = Math.max(...widths);
  const examplesPerPass = Math.max(
    1,
    Math.min(batchSize, MAXIMUM_PASS, Math.floor(MAXIMUM_PASS_VALUES / widest)),
  );

  let vectorBytes = 0;
  const layers = widths.slice(1).map((outputs, index): LayerPlan => {
    const stride = paddedBytes(outputs);
    const kernelOffset = vectorBytes;
    const biasOffset = kernelOffset + widths[index] * stride;
    vectorBytes = biasOffset + stride;
    return { inputs: widths[index], outputs, kernelOffset, biasOffset };
  });

  let next = heapBase;
  const reserve = (bytes: number): number => {
    const address = Math.ceil(next / BLOCK_BYTES) * BLOCK_BYTES;
    next = address + bytes;
    return address;
  };
  const parameters = reserve(vectorBytes);
  const gradient = reserve(vectorBytes);
  const moments = Array.from({ length: momentsOf(optimiser.kind) }, () => reserve(vectorBytes));
  const rows = widths.map((width): RowsPlan => {
    const stride = paddedBytes(width);
    const bytes = examplesPerPass * stride;
    return {
      width,
      stride,
      values: reserve(bytes),
      lists: reserve(bytes),
      counts: reserve(4 * examplesPerPass),
      errors: reserve(bytes),
    };
  });
  const labels = reserve(4 * examplesPerPass);
  const members = reserve(4 * widest * examplesPerPass);
  const memberCounts = reserve(4 * widest);
  const pages = Math.ceil(next / PAGE_BYTES);
  if (pages > MAXIMUM_PAGES) {
    throw new TributaryError('model-unsupported', 'the model needs more memory than WebAssembly can address');
  }
  return {
    examplesPerPass,
    layers,
    rows,
    vectorBytes,
    parameters,
    gradient,
    moments,
    labels,
    members,
    memberCounts,
    pages,
  };
}

function paddedBytes(width: number): number {
  return Math.ceil((4 * width) / BLOCK_BYTES) * BLOCK_BYTES;
}
