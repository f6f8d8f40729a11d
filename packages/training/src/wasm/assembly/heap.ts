/** What the kernels keep for themselves: below the first address that the host may use. */

/** Rows, depth and columns of the blocks in which gemm.ts works (decision 0014). */
export const BLOCK_ROWS = 64;
export const BLOCK_DEPTH = 128;
export const BLOCK_COLUMNS = 64;

/** Row table of a block of rows. */
export function blockTable(): usize {
  return (__heap_base + 63) & ~63;
}

/** A block of a matrix in panels. */
export function blockPanels(): usize {
  return blockTable() + BLOCK_ROWS * 8;
}

/** First address that the host may use. */
export function heapBase(): usize {
  return blockPanels() + BLOCK_DEPTH * BLOCK_COLUMNS * 4;
}
