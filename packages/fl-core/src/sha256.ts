import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { BlobHash } from './identifiers.ts';
import type { Sha256 } from './ports/hash.ts';

/** The reference implementation of the port (noble, audited); runners plug in a native one where there is one. */
export const plainSha256: Sha256 = sha256;

export function blobHashOf(bytes: Uint8Array, hash: Sha256 = plainSha256): BlobHash {
  return bytesToHex(hash(bytes)) as BlobHash;
}
