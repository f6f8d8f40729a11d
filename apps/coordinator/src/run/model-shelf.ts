/** The models that cohorts are downloading: each is read and proven whole once, and given out without a copy. */
import type { BlobHash } from '@tributary/fl-core';

export interface ModelShelf {
  /** @throws TributaryError what reading it throws */
  get(hash: BlobHash): Promise<Uint8Array>;
  /** Nobody may change these bytes any more. */
  put(hash: BlobHash, frame: Uint8Array): void;
  has(hash: BlobHash): boolean;
}

/** What all models that are kept may take together; the latest is kept however large it is. */
const SHELF_BYTES = 64 * 1024 * 1024;

export function openModelShelf(read: (hash: BlobHash) => Promise<Uint8Array>): ModelShelf {
  /** Least recently used first. */
  const kept = new Map<BlobHash, Uint8Array>();
  const reading = new Map<BlobHash, Promise<Uint8Array>>();
  let bytes = 0;

  const keep = (hash: BlobHash, frame: Uint8Array): void => {
    forget(hash);
    kept.set(hash, frame);
    bytes += frame.length;
    for (const oldest of kept.keys()) {
      if (bytes <= SHELF_BYTES || oldest === hash) return;
      forget(oldest);
    }
  };
  const forget = (hash: BlobHash): void => {
    bytes -= kept.get(hash)?.length ?? 0;
    kept.delete(hash);
  };
  const readAndKeep = async (hash: BlobHash): Promise<Uint8Array> => {
    try {
      const frame = await read(hash);
      keep(hash, frame);
      return frame;
    } finally {
      reading.delete(hash);
    }
  };

  return {
    async get(hash) {
      const frame = kept.get(hash);
      if (frame) {
        keep(hash, frame);
        return frame;
      }
      const underWay = reading.get(hash) ?? readAndKeep(hash);
      reading.set(hash, underWay);
      return underWay;
    },
    put: keep,
    has: (hash) => kept.has(hash),
  };
}
