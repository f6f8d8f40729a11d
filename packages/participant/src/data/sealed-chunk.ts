/**
 * Rows <-> bytes sealed with AES-256-GCM (NIST SP 800-38D). Each chunk gets a fresh random IV whenever it is written;
 * data set and chunk number are authenticated with it, so that no chunk can stand in the place of another. The key
 * cannot be exported, by this page either.
 */
import { TributaryError } from '@tributary/fl-core';
import type { DataSetId, Rows } from './data-set.ts';
import type { StoredChunk } from './vault-records.ts';

const ALGORITHM = 'AES-GCM';
const IV_BYTES = 12;
const HEADER_WORDS = 3;
const FLOATS = 1;

type Sealed = Extract<StoredChunk, { kind: 'sealed' }>;
interface Place {
  readonly id: DataSetId;
  readonly chunk: number;
}

export function createKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: ALGORITHM, length: 256 }, false, ['encrypt', 'decrypt']);
}

export async function seal(rows: Rows, key: CryptoKey, place: Place): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const ciphertext = await crypto.subtle.encrypt(
    { name: ALGORITHM, iv, additionalData: bytesOfPlace(place) },
    key,
    bytesOf(rows),
  );
  return { kind: 'sealed', iv, ciphertext: new Uint8Array(ciphertext) };
}

/** @throws TributaryError `data-unreadable` when the key, the place or the bytes are not those of the sealing */
export async function unseal(sealed: Sealed, key: CryptoKey, place: Place): Promise<Rows> {
  try {
    const bytes = await crypto.subtle.decrypt(
      { name: ALGORITHM, iv: owned(sealed.iv), additionalData: bytesOfPlace(place) },
      key,
      owned(sealed.ciphertext),
    );
    return rowsOf(bytes);
  } catch (error) {
    throw new TributaryError('data-unreadable', 'these rows cannot be decrypted', { cause: error });
  }
}

const owned = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>;

const bytesOfPlace = ({ id, chunk }: Place) => new TextEncoder().encode(`tributary/vault/v1/${id}/${chunk}`);

/** Words of 32 bits first, so that every array lies on its boundary: header, numbers, labels, inputs, held out. */
function bytesOf({ numbers, labels, inputs, heldOut }: Rows): Uint8Array<ArrayBuffer> {
  const isFloats = inputs instanceof Float32Array;
  const header = Uint32Array.of(numbers.length, labels.length, isFloats ? FLOATS : 0);
  const parts = [header, numbers, labels, inputs, heldOut];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), offset);
    offset += part.byteLength;
  }
  return bytes;
}

function rowsOf(bytes: ArrayBuffer): Rows {
  const [count, labelCount, kind] = new Uint32Array(bytes, 0, HEADER_WORDS) as unknown as number[];
  const labelsAt = 4 * (HEADER_WORDS + count!);
  const inputsAt = labelsAt + 4 * labelCount!;
  const heldOutAt = bytes.byteLength - count!;
  return {
    numbers: new Uint32Array(bytes, 4 * HEADER_WORDS, count),
    labels: new Int32Array(bytes, labelsAt, labelCount),
    inputs:
      kind === FLOATS
        ? new Float32Array(bytes, inputsAt, (heldOutAt - inputsAt) / 4)
        : new Uint8Array(bytes, inputsAt, heldOutAt - inputsAt),
    heldOut: new Uint8Array(bytes, heldOutAt),
  };
}
