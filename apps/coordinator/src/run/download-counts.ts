/** Bytes of models that were downloaded, for the runs whose round starts from them: found without asking every run. */
import type { BlobHash } from '@tributary/fl-core';

export interface DownloadCounter {
  countDownload(bytes: number): void;
}

export interface DownloadCounts {
  /** The counter's round starts from this model now; null: it has no round. */
  follow(counter: DownloadCounter, modelHash: BlobHash | null): void;
  /** Runs of one template share their first model; then each counts the download. */
  count(modelHash: BlobHash, bytes: number): void;
}

export function openDownloadCounts(): DownloadCounts {
  const counters = new Map<BlobHash, Set<DownloadCounter>>();
  const followed = new Map<DownloadCounter, BlobHash>();
  return {
    follow(counter, modelHash) {
      const before = followed.get(counter);
      if (before === (modelHash ?? undefined)) return;
      if (before) {
        counters.get(before)?.delete(counter);
        if (counters.get(before)?.size === 0) counters.delete(before);
      }
      if (!modelHash) return void followed.delete(counter);
      followed.set(counter, modelHash);
      counters.set(modelHash, (counters.get(modelHash) ?? new Set()).add(counter));
    },
    count(modelHash, bytes) {
      for (const counter of counters.get(modelHash) ?? []) counter.countDownload(bytes);
    },
  };
}
