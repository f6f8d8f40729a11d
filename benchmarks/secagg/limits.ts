/**
 * What no implementation can beat on this machine: the bare AES-256-CTR of the same bytes, in chunks of the same size, and one
 * pass of the memory over what is added. It is taken right after the work in the process that did it, over as many bytes and on
 * average, not at best, so that whatever else the machine does slows both alike.
 */
import type { Meter } from './cpu.ts';

export interface SumBytes {
  /** Of key stream. */
  readonly stream: number;
  /** That are added to a sum. */
  readonly added: number;
}

/** How the side that is measured expands masks, and reads and writes its memory. */
export interface BareWork {
  cipher(chunks: number): Promise<void>;
  copy(vectors: number): Promise<void>;
}

export const CHUNK_BYTES = 128 * 1024;
export const VECTOR_BYTES = 4_000_000;
/** Work beyond this is measured in part. */
const MOST_BYTES = 1e9;

/** @returns CPU seconds */
export async function limitSeconds(bytes: SumBytes, work: BareWork, meter: Meter): Promise<number> {
  const ciphering = await secondsFor(bytes.stream, CHUNK_BYTES, work.cipher, meter);
  return ciphering + (await secondsFor(bytes.added, VECTOR_BYTES, work.copy, meter));
}

async function secondsFor(
  bytes: number,
  unit: number,
  work: (units: number) => Promise<void>,
  meter: Meter,
): Promise<number> {
  await work(1);
  const units = Math.ceil(Math.min(bytes, MOST_BYTES) / unit);
  const { seconds } = await meter(() => work(units));
  return (seconds * bytes) / (units * unit);
}

export async function copy(vectors: number): Promise<void> {
  const [from, to] = [new Uint8Array(VECTOR_BYTES).fill(1), new Uint8Array(VECTOR_BYTES)];
  for (let done = 0; done < vectors; done += 1) to.set(from);
}

/** With WebCrypto, as in a tab: some calls in flight, since one at a time waits more than it works. */
export async function webCipher(chunks: number): Promise<void> {
  const zeros = new Uint8Array(CHUNK_BYTES);
  const key = await crypto.subtle.importKey('raw', new Uint8Array(32), 'AES-CTR', false, ['encrypt']);
  const algorithm = { name: 'AES-CTR', counter: new Uint8Array(16), length: 64 };
  let left = chunks;
  const readOn = async () => {
    while (left > 0) {
      left -= 1;
      await crypto.subtle.encrypt(algorithm, key, zeros);
    }
  };
  await Promise.all(Array.from({ length: 6 }, readOn));
}
