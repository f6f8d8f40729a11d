/** Schemas of the fields that several messages share; each infers to its branded type. */
import * as z from 'zod/mini';
import {
  BLOB_HASH_PATTERN,
  type BlobHash,
  CLIENT_ID_PATTERN,
  type ClientId,
  PUBLIC_KEY_PATTERN,
  type PublicKey,
  RUN_ID_PATTERN,
  type RunId,
} from '../identifiers.ts';

const branded = <T extends string>(pattern: RegExp) =>
  z.pipe(
    z.string().check(z.regex(pattern)),
    z.transform((text) => text as T),
  );

export const clientIdField = branded<ClientId>(CLIENT_ID_PATTERN);
export const publicKeyField = branded<PublicKey>(PUBLIC_KEY_PATTERN);
/** Ed25519: 64 bytes. */
export const signatureField = z.string().check(z.regex(/^[0-9a-f]{128}$/));
/** 32 random bytes. */
export const nonceField = z.string().check(z.regex(/^[0-9a-f]{64}$/));
export const runIdField = branded<RunId>(RUN_ID_PATTERN);
export const blobHashField = branded<BlobHash>(BLOB_HASH_PATTERN);
export const roundNumberField = z.int().check(z.positive(), z.maximum(1_000_000_000));
export const secondsField = z.number().check(z.gte(0), z.lte(7 * 24 * 3600));
export const exampleCountField = z.int().check(z.positive(), z.maximum(100_000_000));

type Binary = Uint8Array | ArrayBuffer;

/**
 * A binary attachment of a socket.io message: `Buffer` in Node, `ArrayBuffer` in a browser, and behind this door a plain
 * `Uint8Array`, because methods of a `Buffer` mean something else (`slice` is no copy). Its content is somebody else's to check.
 */
export const bytesField = (limits: { readonly minimum: number; readonly maximum: number }) =>
  z.pipe(
    z.custom<Binary>(
      (value) =>
        (value instanceof Uint8Array || value instanceof ArrayBuffer) &&
        value.byteLength >= limits.minimum &&
        value.byteLength <= limits.maximum,
    ),
    z.transform(plainBytes),
  );

function plainBytes(bytes: Binary): Uint8Array {
  return bytes instanceof Uint8Array
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}

export const exactBytesField = (length: number) => bytesField({ minimum: length, maximum: length });
