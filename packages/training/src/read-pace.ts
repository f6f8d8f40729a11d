/**
 * A GPU takes work far faster than it does it, and reading a value back is the only way to wait for it. Reading
 * after each batch would leave it idle; reading by the clock would queue minutes of work that no stop can recall.
 * So the number of batches between reads adapts until one read comes about every 300 ms.
 */
const TARGET_MS = 300;

export interface ReadPace {
  /** Call after each batch: whether to read now. */
  due(): boolean;
  /** Call when the read has come back. */
  hasRead(): void;
}

export function createReadPace(now: () => number = () => performance.now()): ReadPace {
  let batchesBetweenReads = 1;
  let batchesSinceRead = 0;
  let readAt = now();
  return {
    due() {
      batchesSinceRead += 1;
      return batchesSinceRead >= batchesBetweenReads || now() - readAt >= TARGET_MS;
    },
    hasRead() {
      const elapsed = Math.max(now() - readAt, 1);
      const wished = Math.floor((batchesSinceRead * TARGET_MS) / elapsed);
      // At most doubled, because the first batches also compile shaders and say little.
      batchesBetweenReads = Math.max(1, Math.min(wished, 2 * batchesBetweenReads));
      batchesSinceRead = 0;
      readAt = now();
    },
  };
}
