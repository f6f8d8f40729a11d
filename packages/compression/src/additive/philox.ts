/**
 * Philox4x32-10 (Salmon et al. 2011, section 3.3): random words that everybody computes from a public seed, at any place of
 * the stream alone. For signs, samples and dithers that both sides must agree on; nothing secret may depend on it.
 *
 * The counter of a block is (block, low and high half of the stream's number, seed word 2), the key is seed words 0 and 1.
 */
import type { RandomWords } from '../stochastic-rounding.ts';
import { type LinearKernels, openLinearKernels } from './kernels.ts';

/** Streams of one seed: those of members are below 2^32, so that none of them is one of these. */
export const STREAMS = { signs: 2 ** 32, sample: 2 * 2 ** 32, basis: 3 * 2 ** 32 } as const;

const WORDS_PER_BLOCK = 4;
/** Words at a time: a multiple of 16. */
const PIECE = 16_384;
/** Up to so many words, kernels are not worth a call. */
const FEW = 64;
const ROUNDS = 10;
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const WEYL = [0x9e3779b9, 0xbb67ae85] as const;

export interface PhiloxStream {
  /** 32 bytes, public; the first twelve count. */
  readonly seed: Uint8Array;
  /** An integer within [0, 2^53). */
  readonly stream: number;
}

export type PhiloxCounter = readonly [number, number, number, number];
export type PhiloxKey = readonly [number, number];

/** Words of a stream one after another, from word `from` (0). */
export function philoxWords(seed: Uint8Array, stream: number, from = 0): RandomWords {
  let next = from;
  return {
    fill: (words) => {
      philoxInto(words, { seed, stream }, next);
      next += words.length;
    },
  };
}

/** Overwrites `words` with those that the stream has from word `from`. */
export function philoxInto(words: Uint32Array, stream: PhiloxStream, from: number): void {
  const blocks = words.length > FEW ? wasmBlocks() : plainBlocks;
  for (let done = 0; done < words.length; ) {
    const skipped = (from + done) % WORDS_PER_BLOCK;
    const count = Math.min(words.length - done, PIECE - skipped);
    const piece = blocks(
      stream,
      (from + done - skipped) / WORDS_PER_BLOCK,
      Math.ceil((skipped + count) / WORDS_PER_BLOCK),
    );
    words.set(piece.subarray(skipped, skipped + count), done);
    done += count;
  }
}

/** @returns the words of so many blocks, `PIECE` words at most: good until the next call */
export type PhiloxBlocks = (stream: PhiloxStream, first: number, blocks: number) => Uint32Array;

export function plainBlocks(stream: PhiloxStream, first: number, blocks: number): Uint32Array {
  const { key, counter } = keyAndCounter(stream);
  const words = new Uint32Array(WORDS_PER_BLOCK * blocks);
  for (let block = 0; block < blocks; block += 1) {
    words.set(philoxBlock([first + block, ...counter], key), WORDS_PER_BLOCK * block);
  }
  return words;
}

/** Addresses below this one are the compiler's. */
const WORDS = 1024;
/** Opened once: it holds nothing between calls. */
let inWebAssembly: PhiloxBlocks | undefined;

function wasmBlocks(): PhiloxBlocks {
  inWebAssembly ??= openWasmBlocks() ?? plainBlocks;
  return inWebAssembly;
}

/** Null where WebAssembly SIMD cannot run. */
export function openWasmBlocks(): PhiloxBlocks | null {
  const opened = openLinearKernels(WORDS + 4 * PIECE);
  if (opened === null) return null;
  const { kernels, buffer } = opened;
  const words = new Uint32Array(buffer, WORDS, PIECE);
  return (stream, first, blocks) => {
    writeBlocks({ kernels, at: WORDS }, stream, { first, blocks });
    return words.subarray(0, WORDS_PER_BLOCK * blocks);
  };
}

/** An address in the memory of kernels. */
export interface KernelPlace {
  readonly kernels: LinearKernels;
  readonly at: number;
}

/**
 * For kernels that go on with words: writes whole blocks, so that up to sixteen words lie around those that are wanted.
 * @returns the address of word `from`
 */
export function placeWords(
  place: KernelPlace,
  stream: PhiloxStream,
  { from, count }: { readonly from: number; readonly count: number },
): number {
  const skipped = from % WORDS_PER_BLOCK;
  const blocks = Math.ceil((skipped + count) / WORDS_PER_BLOCK);
  writeBlocks(place, stream, { first: (from - skipped) / WORDS_PER_BLOCK, blocks });
  return place.at + 4 * skipped;
}

function writeBlocks(
  { kernels, at }: KernelPlace,
  stream: PhiloxStream,
  { first, blocks }: { readonly first: number; readonly blocks: number },
): void {
  const { key, counter } = keyAndCounter(stream);
  kernels.philox(at, blocks, first, ...counter, ...key);
}

function keyAndCounter({ seed, stream }: PhiloxStream): {
  readonly key: PhiloxKey;
  readonly counter: readonly [number, number, number];
} {
  const words = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
  return {
    key: [words.getUint32(0, true), words.getUint32(4, true)],
    counter: [stream >>> 0, Math.floor(stream / 2 ** 32), words.getUint32(8, true)],
  };
}

/** The four words of one block; counter and key as the paper has them. */
export function philoxBlock(counter: PhiloxCounter, key: PhiloxKey): [number, number, number, number] {
  let [a, b, c, d] = counter;
  let [k, l] = key;
  for (let round = 0; round < ROUNDS; round += 1) {
    const high = highHalf(MULTIPLIERS[0], a);
    const low = Math.imul(MULTIPLIERS[0], a);
    a = highHalf(MULTIPLIERS[1], c) ^ b ^ k;
    b = Math.imul(MULTIPLIERS[1], c);
    c = high ^ d ^ l;
    d = low;
    k = (k + WEYL[0]) | 0;
    l = (l + WEYL[1]) | 0;
  }
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

/** Of the product of two unsigned words, by halves: float64 cannot hold it whole. */
function highHalf(x: number, y: number): number {
  const [lowX, highX, lowY, highY] = [x & 0xffff, x >>> 16, y & 0xffff, y >>> 16];
  const middle = highX * lowY + ((lowX * lowY) >>> 16);
  const rest = lowX * highY + (middle & 0xffff);
  // Below 2^33: beyond what a shift takes, within what float64 holds.
  return (highX * highY + Math.floor(middle / 65_536) + Math.floor(rest / 65_536)) | 0;
}
