/** What the kernels keep for themselves: below the first address that the host may use. */

/** Instances that share a memory keep theirs in different places. */
let heap: usize = __heap_base;

/** Moves it behind `address`; `heapBase` moves along. */
export function moveHeap(address: usize): void {
  heap = address;
}

/** Rows, depth and columns of the blocks in which gemm.ts works (decision 0015). */
export const BLOCK_ROWS = 64;
export const BLOCK_DEPTH = 128;
export const BLOCK_COLUMNS = 64;
/** Rows and depth of a block whose entries are listed (gemm-sparse.ts). */
export const LISTED_ROWS = 32;
export const LISTED_DEPTH = 256;

/** Row table of a block of rows. */
export function blockTable(): usize {
  return (heap + 63) & ~63;
}

/** A block of a matrix in panels. */
export function blockPanels(): usize {
  return blockTable() + BLOCK_ROWS * 8;
}

/** Per listed row, or per float of its depth, the end of its entries. */
export function listEnds(): usize {
  return blockPanels() + BLOCK_DEPTH * BLOCK_COLUMNS * 4;
}

/** Entries of a block: 8 bytes each, and one that is written but not kept. */
export function listEntries(): usize {
  return listEnds() + LISTED_DEPTH * 4;
}

/** First address that the host may use. */
export function heapBase(): usize {
  return listEntries() + LISTED_ROWS * LISTED_DEPTH * 8 + 64;
}
