/** Bytes of models that were downloaded, for the runs whose round starts from them: found without asking every run. */
import type { BlobHash } from '@tributary/fl-core';

export interface DownloadCounter {
  countDownload(bytes: number): void;
}

export interface DownloadCounts {
  /** The counter's round works with these models now; none: it has no round. */
  follow(counter: DownloadCounter, modelHashes: readonly BlobHash[]): void;
  /** Runs of one template share their first model; then each counts the download. */
  count(modelHash: BlobHash, bytes: number): void;
}

export function openDownloadCounts(): DownloadCounts {
  const counters = new Map<BlobHash, Set<DownloadCounter>>();
  const followed = new Map<DownloadCounter, readonly BlobHash[]>();
  return {
    follow(counter, modelHashes) {
      const before = followed.get(counter) ?? [];
      if (before.join() === modelHashes.join()) return;
      for (const hash of before) {
        counters.get(hash)?.delete(counter);
        if (counters.get(hash)?.size === 0) counters.delete(hash);
      }
      if (modelHashes.length === 0) return void followed.delete(counter);
      followed.set(counter, modelHashes);
      for (const hash of modelHashes) counters.set(hash, (counters.get(hash) ?? new Set()).add(counter));
    },
    count(modelHash, bytes) {
      for (const counter of counters.get(modelHash) ?? []) counter.countDownload(bytes);
    },
  };
}
