/**
 * A model on its way down, coded: by itself, or against an earlier model of the run that the reader holds. Little-endian
 * throughout.
 *
 * ```text
 * offset  bytes  field
 *      0      4  magic "TRBM"
 *      4      2  version (1)
 *      6      1  1 with a base, else 0
 *      7      1  reserved (0)
 *      8      4  d, values of the model
 *     12     32  SHA-256 of the frame that this decodes to
 *     44     32  SHA-256 of the base's frame, if there is one
 *      .      .  the values, coded losslessly (`compression/downlink/model-code.ts`)
 * ```
 *
 * Values and shapes have one frame, so whoever decodes makes it and compares its hash.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { decodeModelInPieces, encodeModel } from '@tributary/compression';
import { TributaryError } from '../errors.ts';
import type { BlobHash } from '../identifiers.ts';
import { type ParameterSet, parameterCount, type TensorShape, tensorSize } from '../parameters.ts';

const MAGIC = 0x4d425254; // "TRBM" read as a little-endian uint32
const VERSION = 1;
const FIXED_HEADER_BYTES = 12;
const HASH_BYTES = 32;

/** A coordinator codes against so many of the newest models of a run; who holds an older one asks without. */
export const CODABLE_BASES = 32;

/** A model with the hash of its frame. */
export interface NamedModel {
  readonly hash: BlobHash;
  readonly parameters: ParameterSet;
}

export function encodeCodedModel(model: NamedModel, base: NamedModel | null): Uint8Array {
  const { shapes, values } = model.parameters;
  const payload = encodeModel(values, {
    sizes: shapes.map(tensorSize),
    base: base?.parameters.values ?? null,
  });
  const headerBytes = FIXED_HEADER_BYTES + (base ? 2 : 1) * HASH_BYTES;
  const coded = new Uint8Array(headerBytes + payload.length);
  const view = new DataView(coded.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint8(6, base ? 1 : 0);
  view.setUint32(8, values.length, true);
  coded.set(hexToBytes(model.hash), FIXED_HEADER_BYTES);
  if (base) coded.set(hexToBytes(base.hash), FIXED_HEADER_BYTES + HASH_BYTES);
  coded.set(payload, headerBytes);
  return coded;
}

export interface ExpectedModel {
  /** What was asked for. */
  readonly modelHash: BlobHash;
  readonly shapes: readonly TensorShape[];
  /** What it was asked for against. */
  readonly base: NamedModel | null;
}

/**
 * Decodes with a pause after each piece, for who has something else to do on this thread.
 * @returns parameters whose frame is still to be compared with `modelHash`
 * @throws TributaryError with a `frame-*` code, CodecError `codec-malformed`
 */
export function* decodeCodedModel(
  coded: Uint8Array,
  { modelHash, shapes, base }: ExpectedModel,
): Generator<void, ParameterSet> {
  const headerBytes = FIXED_HEADER_BYTES + (base ? 2 : 1) * HASH_BYTES;
  if (coded.length < headerBytes) {
    throw new TributaryError('frame-length', `${coded.length} bytes are too few for a coded model`);
  }
  const view = new DataView(coded.buffer, coded.byteOffset, coded.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new TributaryError('frame-magic', 'not a coded model');
  if (view.getUint16(4, true) !== VERSION) {
    throw new TributaryError(
      'frame-version',
      `version ${view.getUint16(4, true)} of a coded model, expected ${VERSION}`,
    );
  }
  if (view.getUint8(6) !== (base ? 1 : 0) || view.getUint8(7) !== 0) {
    throw new TributaryError('frame-dtype', 'not the kind of coded model that was asked for');
  }
  const size = parameterCount(shapes);
  if (view.getUint32(8, true) !== size) {
    throw new TributaryError('frame-shape', `${view.getUint32(8, true)} values, expected ${size}`);
  }
  const hashAt = (offset: number): string => bytesToHex(coded.subarray(offset, offset + HASH_BYTES));
  const isAsked = hashAt(FIXED_HEADER_BYTES) === modelHash;
  if (!isAsked || (base && hashAt(FIXED_HEADER_BYTES + HASH_BYTES) !== base.hash)) {
    throw new TributaryError('frame-checksum', 'another model than was asked for');
  }
  const values = yield* decodeModelInPieces(coded.subarray(headerBytes), {
    sizes: shapes.map(tensorSize),
    base: base?.parameters.values ?? null,
  });
  return { shapes, values };
}
