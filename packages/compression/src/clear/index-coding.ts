/**
 * Which coordinates were kept: strictly ascending indices, in the smallest of three forms. The first byte names the form.
 *
 * - bitmap: bit (i mod 8) of byte floor(i / 8) says whether coordinate i was kept;
 * - gaps: the indices left out before each one, as little-endian base 128 (LEB128): short where indices come in clusters;
 * - Golomb-Rice (Golomb 1966; Rice and Plaunt 1971): the gap over 2^r in ones and a zero, then its r low bits. Within 1.5 % of
 *   the entropy where each coordinate is kept with the same probability.
 *
 * Each form is read strictly: unused bits are zeros, no number is longer than it need be, and nothing follows.
 */
import { CodecError } from '../errors.ts';

const BITMAP = 0;
const GAPS = 1;
/** RICE + r for each r from 1 to 31: of r = 0, nothing but the bitmap would come out. */
const RICE = 32;

/**
 * @param indices strictly ascending, below `length`
 * @returns one byte for the form, and what the form needs
 */
export function encodeIndices(indices: Uint32Array, length: number): Uint8Array<ArrayBuffer> {
  const bitmapBytes = Math.ceil(length / 8);
  const gapBytes = sizeOfGaps(indices);
  const rice = bestRice(indices, length);
  const least = Math.min(bitmapBytes, gapBytes, rice.bytes);
  const bytes = new Uint8Array(1 + least);
  const body = bytes.subarray(1);
  if (least === bitmapBytes) {
    bytes[0] = BITMAP;
    for (const index of indices) body[index >>> 3]! |= 1 << (index & 7);
  } else if (least === gapBytes) {
    bytes[0] = GAPS;
    writeGaps(indices, body);
  } else {
    bytes[0] = RICE + rice.parameter;
    writeRice(indices, rice.parameter, body);
  }
  return bytes;
}

/**
 * Exactly `count` strictly ascending indices below `length`.
 * @throws CodecError `codec-malformed`
 */
export function decodeIndices(
  bytes: Uint8Array,
  { count, length }: { readonly count: number; readonly length: number },
): Uint32Array<ArrayBuffer> {
  if (count > length) throw malformed(`${count} of ${length} coordinates`);
  const form = bytes[0];
  const body = bytes.subarray(1);
  if (form === BITMAP) return readBitmap(body, count, length);
  if (form === GAPS) return readGaps(body, count, length);
  if (form !== undefined && form > RICE && form < RICE + 32)
    return readRice(body, form - RICE, { count, length });
  throw malformed(`no form of indices has number ${form}`);
}

function readBitmap(body: Uint8Array, count: number, length: number): Uint32Array<ArrayBuffer> {
  if (body.length !== Math.ceil(length / 8)) throw malformed('a bitmap of another length');
  const indices = new Uint32Array(count);
  let found = 0;
  for (let at = 0; at < body.length; at += 1) {
    for (let byte = body[at]!; byte !== 0; byte &= byte - 1) {
      const index = 8 * at + 31 - Math.clz32(byte & -byte);
      if (found === count || index >= length) throw malformed('a bitmap with too many bits');
      indices[found] = index;
      found += 1;
    }
  }
  if (found !== count) throw malformed('a bitmap with too few bits');
  return indices;
}

/** A gap is what lies between an index and the one before: 0 for neighbours. */
function sizeOfGaps(indices: Uint32Array): number {
  let bytes = 0;
  let next = 0;
  for (const index of indices) {
    const gap = index - next;
    bytes += gap < 0x80 ? 1 : gap < 0x4000 ? 2 : gap < 0x20_0000 ? 3 : gap < 0x1000_0000 ? 4 : 5;
    next = index + 1;
  }
  return bytes;
}

function writeGaps(indices: Uint32Array, body: Uint8Array): void {
  let at = 0;
  let next = 0;
  for (const index of indices) {
    let gap = index - next;
    for (; gap >= 0x80; gap >>>= 7) {
      body[at] = gap | 0x80;
      at += 1;
    }
    body[at] = gap;
    at += 1;
    next = index + 1;
  }
}

function readGaps(body: Uint8Array, count: number, length: number): Uint32Array<ArrayBuffer> {
  const indices = new Uint32Array(Math.min(count, body.length));
  let at = 0;
  let next = 0;
  for (let i = 0; i < count; i += 1) {
    let gap = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = body[at];
      if (byte === undefined) throw malformed('gaps that were cut off');
      at += 1;
      gap += (byte & 0x7f) * scale;
      if (next + gap >= length) throw malformed('an index beyond the last coordinate');
      if (byte < 0x80) {
        if (byte === 0 && scale > 1) throw malformed('a gap that is longer than it need be');
        break;
      }
    }
    indices[i] = next + gap;
    next += gap + 1;
  }
  if (at !== body.length) throw malformed('bytes behind the last index');
  return indices;
}

/** The best r lies within one of log2(ln 2 x mean gap) for any geometric distribution; others get two tries more. */
function bestRice(indices: Uint32Array, length: number): { parameter: number; bytes: number } {
  if (indices.length === 0) return { parameter: 1, bytes: 0 };
  const middle = 31 - Math.clz32(Math.max(1, Math.floor(length / indices.length)));
  let best = { parameter: 1, bytes: Number.POSITIVE_INFINITY };
  for (let parameter = Math.max(1, middle - 2); parameter <= Math.min(31, middle + 1); parameter += 1) {
    const bytes = sizeOfRice(indices, parameter);
    if (bytes < best.bytes) best = { parameter, bytes };
  }
  return best;
}

function sizeOfRice(indices: Uint32Array, parameter: number): number {
  let bits = indices.length * (1 + parameter);
  let next = 0;
  for (const index of indices) {
    bits += (index - next) >>> parameter;
    next = index + 1;
  }
  return Math.ceil(bits / 8);
}

function writeRice(indices: Uint32Array, parameter: number, body: Uint8Array): void {
  let at = 0;
  let next = 0;
  for (const index of indices) {
    const gap = index - next;
    for (let ones = gap >>> parameter; ones > 0; ) {
      const taken = Math.min(ones, 8 - (at & 7));
      body[at >>> 3]! |= ((1 << taken) - 1) << (at & 7);
      at += taken;
      ones -= taken;
    }
    at += 1;
    for (let written = 0; written < parameter; ) {
      const taken = Math.min(parameter - written, 8 - (at & 7));
      body[at >>> 3]! |= ((gap >>> written) & ((1 << taken) - 1)) << (at & 7);
      at += taken;
      written += taken;
    }
    next = index + 1;
  }
}

function readRice(
  body: Uint8Array,
  parameter: number,
  { count, length }: { readonly count: number; readonly length: number },
): Uint32Array<ArrayBuffer> {
  const bits = 8 * body.length;
  // Each index takes one bit at least.
  if (count > bits) throw malformed('indices that were cut off');
  const indices = new Uint32Array(count);
  let at = 0;
  let next = 0;
  for (let i = 0; i < count; i += 1) {
    let quotient = 0;
    while (at < bits && (body[at >>> 3]! >>> (at & 7)) % 2 === 1) {
      quotient += 1;
      at += 1;
    }
    at += 1;
    if (at + parameter > bits) throw malformed('indices that were cut off');
    let rest = 0;
    for (let read = 0; read < parameter; ) {
      const taken = Math.min(parameter - read, 8 - (at & 7));
      rest += ((body[at >>> 3]! >>> (at & 7)) & ((1 << taken) - 1)) * 2 ** read;
      at += taken;
      read += taken;
    }
    const index = next + quotient * 2 ** parameter + rest;
    if (index >= length) throw malformed('an index beyond the last coordinate');
    indices[i] = index;
    next = index + 1;
  }
  if (body.length !== Math.ceil(at / 8)) throw malformed('bytes behind the last index');
  if (at % 8 !== 0 && body[at >>> 3]! >>> (at & 7) !== 0) throw malformed('bits behind the last index');
  return indices;
}

const malformed = (what: string): CodecError =>
  new CodecError('codec-malformed', `these are not the indices of an update: ${what}`);
