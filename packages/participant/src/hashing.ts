/**
 * SHA-256 off the calling thread where the platform has WebCrypto: on a page, hashing a model of some megabytes would hold up
 * everything that a person does. Over plain HTTP a browser has none, and it is computed here.
 */
import {
  type BlobHash,
  bytesToHex,
  decodeFrame,
  encodeFrame,
  type ParameterSet,
  plainSha256,
  type TensorShape,
} from '@tributary/fl-core';

const CHECKSUM_BYTES = 32;
/** Less takes a fraction of a millisecond here, and asking WebCrypto would make each message wait for its turn. */
const LARGE_BYTES = 65_536;

export async function hashOf(bytes: Uint8Array): Promise<BlobHash> {
  return bytesToHex(await sha256(bytes)) as BlobHash;
}

/** What `encodeFrame` makes. */
export async function writeFrame(parameters: ParameterSet): Promise<Uint8Array> {
  const frame = encodeFrame(parameters, () => new Uint8Array(CHECKSUM_BYTES));
  const end = frame.length - CHECKSUM_BYTES;
  frame.set(await sha256(frame.subarray(0, end)), end);
  return frame;
}

/** @throws TributaryError as `decodeFrame` does */
export async function readFrame(
  frame: Uint8Array,
  expectedShapes: readonly TensorShape[],
): Promise<ParameterSet> {
  const checksum = await sha256(frame.subarray(0, Math.max(0, frame.length - CHECKSUM_BYTES)));
  return decodeFrame(frame, { sha256: () => checksum, expectedShapes });
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // Absent over plain HTTP, whatever the types say.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (!subtle || bytes.length < LARGE_BYTES) return plainSha256(bytes);
  return new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
