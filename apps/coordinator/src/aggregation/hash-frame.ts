/**
 * A frame ends with the SHA-256 of what comes before, and is stored under the SHA-256 of all of it: one pass over the
 * bytes gives both.
 */
import { createHash } from 'node:crypto';
import type { Sha256 } from '@tributary/fl-core';
import { nativeSha256 } from '../native-sha256.ts';

const CHECKSUM_BYTES = 32;

/** The port's function for this frame: it already knows the hash of the frame and of its checked part. */
export function sha256OfFrame(frame: Uint8Array): Sha256 {
  const checked = Math.max(0, frame.length - CHECKSUM_BYTES);
  const hash = createHash('sha256').update(frame.subarray(0, checked));
  const ofChecked = hash.copy().digest();
  const ofAll = hash.update(frame.subarray(checked)).digest();
  return (bytes) => {
    const isOfFrame = bytes.buffer === frame.buffer && bytes.byteOffset === frame.byteOffset;
    if (isOfFrame && bytes.length === frame.length) return ofAll;
    if (isOfFrame && bytes.length === checked) return ofChecked;
    return nativeSha256(bytes);
  };
}
