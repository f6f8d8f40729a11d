/** The port to bulk storage: immutable bytes under the hash of their content. */
import type { BlobHash } from '@tributary/fl-core';

export interface StoredBlob {
  readonly hash: BlobHash;
  readonly bytes: number;
}

/** What a blob must turn out to be; anything else is refused and leaves nothing behind. */
export interface ExpectedBlob {
  readonly hash: BlobHash;
  readonly bytes: number;
}

export interface BlobStore {
  /**
   * Resolves when the content would survive a power cut. Storing the same content twice is storing it once.
   * @throws TributaryError `frame-too-large`, `frame-length` or `update-hash-mismatch` when it is not `expected`
   */
  put(content: Uint8Array | AsyncIterable<Uint8Array>, expected?: ExpectedBlob): Promise<StoredBlob>;
  /** @throws TributaryError `blob-missing`, or `blob-corrupt` when the bytes no longer have this hash */
  get(hash: BlobHash): Promise<Uint8Array>;
  has(hash: BlobHash): Promise<boolean>;
  /** Absent already is fine. */
  delete(hash: BlobHash): Promise<void>;
  list(): Promise<readonly BlobHash[]>;
}
