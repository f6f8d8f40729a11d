/**
 * Range asymmetric numeral systems (Duda 2013, arXiv:1311.2540, section 3): a symbol that comes with probability p costs
 * -log2 p bits, whole or not. Static and of order 0: each chunk of 65,536 bytes begins with its own frequencies, out of 4096.
 * Four states take turns (Giesen 2014, arXiv:1402.3392), so that a processor need not wait for one of them.
 *
 * Only for bytes that anybody may see the length of, and never behind a mask: masked bytes are uniform.
 *
 *     byte 0 of a chunk   0: its bytes follow as they are; 1: one byte follows that all of them are; 16 + g: coded
 *     then, if coded      frequencies of the symbols 0 to 255 in Golomb codes of order g, and behind each 0, in one of order 0,
 *                         how many more zeros follow; filled to a byte
 *     then                four states, i32; words of 16 bits, each read by the state that falls below 2^15. Symbol i is of
 *                         state i mod 4, which all end at 2^15. Little-endian.
 */
import { CodecError } from '../errors.ts';
import { BitReader, BitWriter } from './bits.ts';

const CHUNK = 65_536;
/** First byte of a chunk: the bytes as they are; one byte for all; or `RANS` + the order of the Golomb code of its table. */
const RAW = 0;
const CONSTANT = 1;
const RANS = 16;
const GOLOMB_ORDERS = 9;

const SCALE_BITS = 12;
const SCALE = 1 << SCALE_BITS;
/** States lie in [2^15, 2^31) between symbols, and move 16 bits at a time. */
const LOWEST = 2 ** 15;
const STATES = 4;
const STATE_BYTES = 4 * STATES;

/** @returns at most one byte more for each 65,536 begun */
export function encodeRans(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const coded = new Uint8Array(bytes.length + Math.ceil(bytes.length / CHUNK));
  let at = 0;
  for (let from = 0; from < bytes.length; from += CHUNK) {
    at = writeChunk(bytes.subarray(from, from + CHUNK), coded, at);
  }
  return coded.slice(0, at);
}

/**
 * @param coded nothing may follow it
 * @param length how many bytes were encoded
 * @throws CodecError `codec-malformed`
 */
export function decodeRans(coded: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let from = 0; from < length; from += CHUNK) {
    at = readChunk(coded, at, bytes.subarray(from, from + CHUNK));
  }
  if (at !== coded.length) throw malformed();
  return bytes;
}

function writeChunk(bytes: Uint8Array, coded: Uint8Array, at: number): number {
  const counts = new Uint32Array(256);
  for (let i = 0; i < bytes.length; i += 1) counts[bytes[i]!]! += 1;
  if (counts[bytes[0]!] === bytes.length) {
    coded.set([CONSTANT, bytes[0]!], at);
    // One raw byte is as long, so there is room.
    return at + 2;
  }
  const frequencies = frequenciesOf(counts, bytes.length);
  const table = tableOf(frequencies);
  // Words are written from the end towards the states, so that the decoder meets them in order.
  const room = bytes.length - table.length - STATE_BYTES;
  const first = room > 0 ? encodeSymbols(bytes, frequencies, room) : null;
  if (first === null) {
    coded[at] = RAW;
    coded.set(bytes, at + 1);
    return at + 1 + bytes.length;
  }
  coded.set(table, at);
  coded.set(first, at + table.length);
  return at + table.length + first.length;
}

function readChunk(coded: Uint8Array, at: number, bytes: Uint8Array): number {
  const kind = coded[at];
  if (kind === RAW) {
    const end = at + 1 + bytes.length;
    if (end > coded.length) throw malformed();
    bytes.set(coded.subarray(at + 1, end));
    return end;
  }
  if (kind === CONSTANT) {
    const byte = coded[at + 1];
    if (byte === undefined) throw malformed();
    bytes.fill(byte);
    return at + 2;
  }
  if (kind === undefined || kind < RANS || kind >= RANS + GOLOMB_ORDERS) throw malformed();
  const reader = new BitReader(coded, at + 1);
  const slots = slotsOf(readFrequencies(reader, kind - RANS));
  return decodeSymbols(coded, reader.at, { slots, bytes });
}

/**
 * Shares of `SCALE` that are nearly proportional to the counts, and at least 1 for each symbol that occurs.
 * @param counts of at least two symbols
 */
function frequenciesOf(counts: Uint32Array, total: number): Uint16Array {
  const frequencies = Uint16Array.from(counts, (count) =>
    count === 0 ? 0 : Math.max(1, Math.round((count * SCALE) / total)),
  );
  let surplus = frequencies.reduce((sum, frequency) => sum + frequency, 0) - SCALE;
  while (surplus !== 0) {
    const step = surplus > 0 ? -1 : 1;
    frequencies[cheapestChange(counts, frequencies, step)]! += step;
    surplus += step;
  }
  return frequencies;
}

/** Where one more, or one less, costs the fewest bits: count x log2((frequency + step) / frequency). */
function cheapestChange(counts: Uint32Array, frequencies: Uint16Array, step: 1 | -1): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let symbol = 0; symbol < 256; symbol += 1) {
    const frequency = frequencies[symbol]!;
    if (frequency === 0 || frequency + step === 0) continue;
    // To first order: all engines agree about a division, not about logarithms.
    const cost = (-step * counts[symbol]!) / (frequency + step / 2);
    if (cost < least) {
      least = cost;
      best = symbol;
    }
  }
  return best;
}

/** The first byte of the chunk, then the frequencies; behind a zero, how many more follow it. */
function tableOf(frequencies: Uint16Array): Uint8Array {
  let shortest: Uint8Array | null = null;
  for (let order = 0; order < GOLOMB_ORDERS; order += 1) {
    const table = writeFrequencies(frequencies, order);
    if (shortest === null || table.length < shortest.length) shortest = table;
  }
  return shortest!;
}

function writeFrequencies(frequencies: Uint16Array, order: number): Uint8Array {
  const writer = new BitWriter();
  writer.write(RANS + order, 8);
  for (let symbol = 0; symbol < 256; ) {
    const frequency = frequencies[symbol]!;
    writer.writeGolomb(frequency, order);
    symbol += 1;
    if (frequency > 0) continue;
    const from = symbol;
    while (symbol < 256 && frequencies[symbol] === 0) symbol += 1;
    writer.writeGolomb(symbol - from, 0);
  }
  return writer.finish();
}

function readFrequencies(reader: BitReader, order: number): Uint16Array {
  const frequencies = new Uint16Array(256);
  let sum = 0;
  for (let symbol = 0; symbol < 256; ) {
    const frequency = reader.readGolomb(order);
    if (frequency > 0) {
      frequencies[symbol] = frequency;
      sum += frequency;
      symbol += 1;
    } else {
      symbol += 1 + reader.readGolomb(0);
      if (symbol > 256) throw malformed();
    }
  }
  // A symbol that has all of the scale would be a constant chunk.
  if (sum !== SCALE || frequencies.includes(SCALE)) throw malformed();
  return frequencies;
}

/** @returns the states and the words behind them; null when they do not fit in `room` */
function encodeSymbols(bytes: Uint8Array, frequencies: Uint16Array, room: number): Uint8Array | null {
  const starts = new Uint16Array(257);
  const inverses = new Float64Array(256);
  for (let symbol = 0; symbol < 256; symbol += 1) {
    starts[symbol + 1] = starts[symbol]! + frequencies[symbol]!;
    inverses[symbol] = 1 / frequencies[symbol]!;
  }
  const coded = new Uint8Array(STATE_BYTES + room);
  const states = new Int32Array(STATES).fill(LOWEST);
  let at = coded.length;
  for (let i = bytes.length - 1; i >= 0; i -= 1) {
    const symbol = bytes[i]!;
    const frequency = frequencies[symbol]!;
    let state = states[i % STATES]!;
    // Beyond it, the state would leave its range: LOWEST / SCALE x 2^16 x frequency.
    if (state >= frequency * 2 ** 19) {
      if (at < STATE_BYTES + 2) return null;
      at -= 2;
      coded[at] = state & 255;
      coded[at + 1] = (state >>> 8) & 255;
      state >>>= 16;
    }
    // The half keeps the quotient's error, of a relative 2^-52, away from whole numbers: so it is exact.
    const quotient = ((state + 0.5) * inverses[symbol]!) | 0;
    states[i % STATES] = quotient * SCALE + (state - quotient * frequency) + starts[symbol]!;
  }
  at -= STATE_BYTES;
  const view = new DataView(coded.buffer);
  for (let i = 0; i < STATES; i += 1) view.setInt32(at + 4 * i, states[i]!, true);
  return coded.subarray(at);
}

/** For each of the 4096 values that a state's low bits have: symbol, frequency, and place within the symbol's share. */
function slotsOf(frequencies: Uint16Array): Uint32Array {
  const slots = new Uint32Array(SCALE);
  let slot = 0;
  for (let symbol = 0; symbol < 256; symbol += 1) {
    for (let place = 0; place < frequencies[symbol]!; place += 1) {
      slots[slot] = (symbol << 24) | (frequencies[symbol]! << 12) | place;
      slot += 1;
    }
  }
  return slots;
}

function decodeSymbols(
  coded: Uint8Array,
  from: number,
  { slots, bytes }: { slots: Uint32Array; bytes: Uint8Array },
): number {
  let at = from + STATE_BYTES;
  if (at > coded.length) throw malformed();
  const view = new DataView(coded.buffer, coded.byteOffset + from, STATE_BYTES);
  const states = new Int32Array(STATES);
  for (let i = 0; i < STATES; i += 1) {
    states[i] = view.getInt32(4 * i, true);
    if (states[i]! < LOWEST) throw malformed();
  }
  for (let i = 0; i < bytes.length; i += 1) {
    let state = states[i % STATES]!;
    const slot = slots[state & (SCALE - 1)]!;
    bytes[i] = slot >>> 24;
    state = ((slot >>> 12) & (SCALE - 1)) * (state >>> SCALE_BITS) + (slot & (SCALE - 1));
    if (state < LOWEST) {
      // Behind the end there are only zeros to be read; the end is looked at below.
      state = (state << 16) | (at + 1 < coded.length ? coded[at]! | (coded[at + 1]! << 8) : 0);
      at += 2;
    }
    states[i % STATES] = state;
  }
  // The encoder began here.
  if (at > coded.length || states.some((state) => state !== LOWEST)) throw malformed();
  return at;
}

function malformed(): CodecError {
  return new CodecError('codec-malformed', 'bytes that no entropy coder wrote');
}
