/**
 * Floats with fewer bits of mantissa: 7 of them are bfloat16. What is cut off decides by chance whether the rest goes up
 * (stochastic rounding; Gupta et al. 2015, section 3.1), so that the expectation is the value, and the error is below 2^-m of
 * it; below 2^(-126 - m) where the value is subnormal. Only what would become infinite stays at the largest float of its kind.
 *
 * Payload: a byte with m; the length of the coded exponents, u32 little-endian; the exponents, eight bits each, which are
 * alike and so take about three; for each value a sign above m bits of mantissa, packed.
 */
import { CodecError } from '../errors.ts';
import { decodeRans, encodeRans } from '../lossless/rans.ts';
import { pack, packedBytes, unpack } from '../pack.ts';
import { lengthOf } from '../shapes.ts';
import type { RandomWords } from '../stochastic-rounding.ts';
import type { ClearContext, Coded } from './clear-code.ts';
import type { PlanOf } from './clear-plan.ts';

const HEADER_BYTES = 5;
const MANTISSA_BITS = 23;
const MAGNITUDE = 0x7fff_ffff;
const INFINITE = 0x7f80_0000;
/** As many words as browsers give at once. */
const PIECE = 16_384;

export function codeTruncated(
  values: Float32Array,
  { mantissaBits }: PlanOf<'truncated'>,
  { random }: Pick<ClearContext, 'random'>,
): Coded {
  const decoded = truncate(values, MANTISSA_BITS - mantissaBits, random);
  const floats = new Uint32Array(decoded.buffer);
  const exponents = new Uint8Array(values.length);
  const rests = new Uint32Array(values.length);
  const dropped = MANTISSA_BITS - mantissaBits;
  for (let i = 0; i < floats.length; i += 1) {
    const float = floats[i]!;
    exponents[i] = float >>> MANTISSA_BITS;
    rests[i] = ((float >>> 31) << mantissaBits) | ((float >>> dropped) & (2 ** mantissaBits - 1));
  }
  const codedExponents = encodeRans(exponents);
  const packed = pack(rests, 1 + mantissaBits);
  const bytes = new Uint8Array(HEADER_BYTES + codedExponents.length + packed.length);
  bytes[0] = mantissaBits;
  new DataView(bytes.buffer).setUint32(1, codedExponents.length, true);
  bytes.set(codedExponents, HEADER_BYTES);
  bytes.set(packed, HEADER_BYTES + codedExponents.length);
  return { bytes, decoded };
}

/** @throws CodecError `codec-malformed` */
export function decodeTruncated(
  bytes: Uint8Array,
  { mantissaBits }: PlanOf<'truncated'>,
  { shapes }: Pick<ClearContext, 'shapes'>,
): Float32Array<ArrayBuffer> {
  const length = lengthOf(shapes);
  if (bytes.length < HEADER_BYTES || bytes[0] !== mantissaBits) throw malformed();
  const exponentBytes = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES).getUint32(1, true);
  const restsAt = HEADER_BYTES + exponentBytes;
  if (bytes.length !== restsAt + packedBytes(length, 1 + mantissaBits)) throw malformed();
  const exponents = decodeRans(bytes.subarray(HEADER_BYTES, restsAt), length);
  const rests = unpack(bytes.subarray(restsAt), 1 + mantissaBits, length);
  const floats = new Uint32Array(length);
  const dropped = MANTISSA_BITS - mantissaBits;
  let largest = 0;
  for (let i = 0; i < length; i += 1) {
    const rest = rests[i]!;
    const mantissa = rest & (2 ** mantissaBits - 1);
    largest = Math.max(largest, exponents[i]!);
    floats[i] = ((rest >>> mantissaBits) << 31) | (exponents[i]! << MANTISSA_BITS) | (mantissa << dropped);
  }
  if (largest === 255) throw malformed();
  return new Float32Array(floats.buffer);
}

/**
 * Within a binade floats are as far apart as their bits, and the one after the last is the first of the next binade: so a
 * chance is added to the bits, and the carry does the rest, down to the subnormal ones.
 */
function truncate(values: Float32Array, dropped: number, random: RandomWords): Float32Array<ArrayBuffer> {
  const truncated = new Float32Array(values);
  const floats = new Uint32Array(truncated.buffer);
  const kept = ~(2 ** dropped - 1);
  const largest = (INFINITE - 1) & kept;
  // One word is enough for two values when they lose no more than 16 bits each.
  const perWord = dropped <= 16 ? 2 : 1;
  const words = new Uint32Array(PIECE);
  for (let from = 0; from < floats.length; from += PIECE * perWord) {
    const piece = floats.subarray(from, from + PIECE * perWord);
    const chances = words.subarray(0, Math.ceil(piece.length / perWord));
    random.fill(chances);
    for (let i = 0; i < piece.length; i += 1) {
      const word = perWord === 2 ? chances[i >>> 1]! >>> ((i & 1) << 4) : chances[i]!;
      const float = piece[i]!;
      const magnitude = Math.min(((float & MAGNITUDE) + (word & ~kept)) & kept, largest);
      piece[i] = (float & ~MAGNITUDE) | magnitude;
    }
  }
  return truncated;
}

function malformed(): CodecError {
  return new CodecError('codec-malformed', 'bytes that no code of truncated floats has');
}
