/**
 * What secure aggregation needs from the world. The tab brings WebCrypto, the coordinator node:crypto; beside them
 * stands a slow plain implementation that tests compare with.
 */

/** A sum of vectors in Z_2^b, one lane of 1 to 4 bytes for each element; see `ringBytes`. */
export interface LaneSum {
  /** Elements. */
  readonly length: number;
  /** Bytes of one element in `add` and `subtract`: ceil(b / 8). */
  readonly laneBytes: number;
  /**
   * Adds little-endian elements of `laneBytes` each, beginning at element `at`; modulo 2^(8 laneBytes), of which the
   * low b bits count. `bytes` is read before the call returns.
   */
  add(bytes: Uint8Array, at: number): void;
  subtract(bytes: Uint8Array, at: number): void;
}

/** The AES-256-CTR key stream of one mask key, readable at any place. */
export interface MaskStream {
  /**
   * Several reads may be under way at once. Fastest from front to back, in chunks of 128 to 256 KB.
   * @param offset in bytes, a multiple of 16: the counter block is offset / 16, so the size of a chunk is a local choice
   * @param length in bytes
   */
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
}

/** What these return belongs to the caller, who overwrites what is secret as soon as it has served. */
export interface SecAggCrypto {
  /** From a cryptographic generator. */
  randomBytes(length: number): Uint8Array;
  /** X25519 (RFC 7748, section 6.1). @param privateKey 32 bytes @returns 32 bytes */
  x25519PublicKey(privateKey: Uint8Array): Promise<Uint8Array>;
  /** @returns the shared secret; null when it is all zeros: the public key was of low order */
  x25519(privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array | null>;
  /** AES-256-GCM. @param nonce 12 bytes @returns ciphertext and tag */
  seal(key: Uint8Array, sealing: Sealing): Promise<Uint8Array>;
  /** @returns null when key, nonce, context or bytes are not those that were sealed */
  open(key: Uint8Array, sealing: Sealing): Promise<Uint8Array | null>;
  /** Ed25519 (RFC 8032). */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  maskStream(key: Uint8Array): Promise<MaskStream> | MaskStream;
}

export interface Sealing {
  readonly nonce: Uint8Array;
  /** Authenticated, not encrypted. */
  readonly context: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Signs with the device key (Ed25519). @returns 64 bytes */
export type Sign = (message: Uint8Array) => Promise<Uint8Array>;
