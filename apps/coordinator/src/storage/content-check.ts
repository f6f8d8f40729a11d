/** Hashes content as it streams by and holds it to what was announced. */
import { createHash } from 'node:crypto';
import { type BlobHash, TributaryError } from '@tributary/fl-core';
import type { ExpectedBlob, StoredBlob } from './blob-store.ts';

export interface ContentCheck {
  /** @throws TributaryError `frame-too-large` as soon as more than the announced bytes arrived */
  add(chunk: Uint8Array): void;
  /** @throws TributaryError `frame-length`, `update-hash-mismatch` */
  finish(): StoredBlob;
}

export function contentCheck(expected: ExpectedBlob | undefined): ContentCheck {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    add(chunk) {
      bytes += chunk.length;
      if (expected && bytes > expected.bytes) {
        throw new TributaryError('frame-too-large', `more than the announced ${expected.bytes} bytes`);
      }
      hash.update(chunk);
    },
    finish() {
      if (expected && bytes !== expected.bytes) {
        throw new TributaryError('frame-length', `${bytes} bytes, announced were ${expected.bytes}`);
      }
      const actual = hash.digest('hex') as BlobHash;
      if (expected && actual !== expected.hash) {
        throw new TributaryError('update-hash-mismatch', 'the content does not have the announced hash');
      }
      return { hash: actual, bytes };
    },
  };
}
