/**
 * The port to the updates of one run's round: an upload grows while its bytes come in, over as many connections as it
 * takes, and becomes an update, durable under its hash, once it has been checked.
 */
import type { BlobHash, ClientId } from '@tributary/fl-core';
import type { BlobLocation } from './blob-store.ts';

/** Whose upload, of which announced bytes. */
export interface UploadName {
  readonly clientId: ClientId;
  readonly updateHash: BlobHash;
}

export interface UploadFile {
  /** One call after another. */
  append(chunks: readonly Uint8Array[]): Promise<void>;
  /** Resolves when all of it would survive a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface StillAwaited {
  awaitsUpdate(updateHash: BlobHash): boolean;
  awaitsUpload(upload: UploadName): boolean;
}

export interface UpdateStore {
  /** Bytes of the upload that are here; they survive the end of the process. */
  held(upload: UploadName): Promise<number>;
  /** Goes on behind the first `offset` bytes; what lies beyond is cut off. One at a time per upload. */
  open(upload: UploadName, offset: number): Promise<UploadFile>;
  locateUpload(upload: UploadName): BlobLocation;
  /** @throws TributaryError `blob-missing` when the upload was swept in the meantime */
  keep(upload: UploadName): Promise<void>;
  /** Absent already is fine. */
  discard(upload: UploadName): Promise<void>;

  locate(updateHash: BlobHash): BlobLocation;
  list(): Promise<readonly BlobHash[]>;
  delete(updateHash: BlobHash): Promise<void>;
  /** Deletes what nobody waits for, as it stands when its turn comes. */
  sweep(awaited: StillAwaited): Promise<void>;
}
