/** The port to bulk storage: immutable bytes under the hash of their content. */
import type { BlobHash } from '@tributary/fl-core';

export interface StoredBlob {
  readonly hash: BlobHash;
  readonly bytes: number;
}

/** Where a blob can be read, also by another thread. */
export type BlobLocation = { readonly path: string } | { readonly bytes: Uint8Array };

export interface BlobStore {
  /**
   * Resolves when the content would survive a power cut. Storing the same content twice is storing it once.
   * @param hash of the content, when the caller has calculated it (on another thread, for what is large)
   */
  put(content: Uint8Array, hash?: BlobHash): Promise<StoredBlob>;
  /** @throws TributaryError `blob-missing`, or `blob-corrupt` when the bytes no longer have this hash */
  get(hash: BlobHash): Promise<Uint8Array>;
  /** Says nothing about whether there is such a blob. */
  locate(hash: BlobHash): BlobLocation;
  has(hash: BlobHash): Promise<boolean>;
  /** Absent already is fine. */
  delete(hash: BlobHash): Promise<void>;
  list(): Promise<readonly BlobHash[]>;
}
