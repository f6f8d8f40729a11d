/** The exports of the compiled kernels, as typed functions over one memory. */
export interface Kernels {
  heapBase(): number;
}
