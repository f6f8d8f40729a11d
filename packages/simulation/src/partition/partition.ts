/** Who holds which examples: for each participant, indices into the pool. */
export type Partition = readonly Int32Array[];

export function indicesBelow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => index);
}
