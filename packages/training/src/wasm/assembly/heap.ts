/** First address that the host may use: below it lie the tables of `Math.exp`. */
export function heapBase(): usize {
  return __heap_base;
}
