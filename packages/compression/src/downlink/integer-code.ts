/**
 * Integers as a byte each, entropy-coded, and a few bits as they are. The byte has the sign and a class: one for each magnitude
 * below 16, then four for each power of two, so that any int32 has one. Which of a class it is, is nearly uniform in any
 * smooth distribution, so that those bits travel plainly: together about 0.01 bits above the entropy of a normal one.
 */
import { CodecError } from '../errors.ts';
import { BitReader, BitWriter } from '../lossless/bits.ts';
import { decodeRans, encodeRans } from '../lossless/rans.ts';
import { type ByteSource, joined, sectionOf, takeSection } from './byte-source.ts';

const NEGATIVE = 128;
const LAST_CLASS = 127;
const ALONE = 16;
/** Of a magnitude from 16 on, the class has its power of two and the two bits behind the first. */
const CLASS_BITS = 2;

export function encodeIntegers(integers: Int32Array): Uint8Array {
  const symbols = new Uint8Array(integers.length);
  for (let i = 0; i < integers.length; i += 1) symbols[i] = symbolOf(integers[i]!);
  const plain = new BitWriter();
  for (let i = 0; i < integers.length; i += 1) {
    const bits = plainBitsOf(symbols[i]! & LAST_CLASS);
    if (bits > 0) writePlain(plain, Math.abs(integers[i]!), bits);
  }
  return joined([sectionOf(encodeRans(symbols)), plain.finish()]);
}

/** @throws CodecError `codec-malformed` */
export function decodeIntegers(source: ByteSource, count: number): Int32Array {
  const symbols = decodeRans(takeSection(source), count);
  const plain = new BitReader(source.bytes, source.at);
  const integers = new Int32Array(count);
  for (let i = 0; i < count; i += 1) {
    const symbol = symbols[i]!;
    const magnitude = magnitudeOf(symbol & LAST_CLASS, plain);
    const integer = symbol < NEGATIVE ? magnitude : -magnitude;
    if (symbol === NEGATIVE || (integer | 0) !== integer) {
      throw new CodecError('codec-malformed', 'a number that no encoder writes');
    }
    integers[i] = integer;
  }
  source.at = plain.at;
  return integers;
}

function symbolOf(integer: number): number {
  return classOf(Math.abs(integer)) + (integer < 0 ? NEGATIVE : 0);
}

function classOf(magnitude: number): number {
  if (magnitude < ALONE) return magnitude;
  const power = 31 - Math.clz32(magnitude);
  return ALONE + (power - 4) * 4 + ((magnitude >>> (power - CLASS_BITS)) & 3);
}

/** How many bits of a magnitude its class does not say. */
function plainBitsOf(magnitudeClass: number): number {
  return magnitudeClass < ALONE ? 0 : ((magnitudeClass - ALONE) >>> 2) + 4 - CLASS_BITS;
}

function magnitudeOf(magnitudeClass: number, plain: BitReader): number {
  if (magnitudeClass < ALONE) return magnitudeClass;
  const bits = plainBitsOf(magnitudeClass);
  return (4 + ((magnitudeClass - ALONE) & 3)) * 2 ** bits + readPlain(plain, bits);
}

/** A bit writer takes 16 at a time. */
function writePlain(writer: BitWriter, magnitude: number, bits: number): void {
  const low = Math.min(16, bits);
  writer.write(magnitude & (2 ** low - 1), low);
  if (bits > 16) writer.write((magnitude >>> 16) & (2 ** (bits - 16) - 1), bits - 16);
}

function readPlain(reader: BitReader, bits: number): number {
  const low = reader.read(Math.min(16, bits));
  return bits > 16 ? low + reader.read(bits - 16) * 65_536 : low;
}
