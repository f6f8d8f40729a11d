/** How a batch is split over threads: always the same way, so that a number of threads always gives the same bits. */

/** Examples `from` to `to` of the batch. */
export interface BatchPart {
  readonly from: number;
  readonly to: number;
}

/** One part per thread in whole units (microbatches), as even as can be, the largest first; some are empty when units are few. */
export function partsOf(batchSize: number, threads: number, unit: number): readonly BatchPart[] {
  const units = Math.ceil(batchSize / unit);
  const bound = (thread: number): number => Math.min(batchSize, Math.ceil((thread * units) / threads) * unit);
  return Array.from({ length: threads }, (_, thread) => ({ from: bound(thread), to: bound(thread + 1) }));
}
