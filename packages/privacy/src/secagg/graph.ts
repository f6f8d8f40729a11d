/**
 * Who is whose neighbour. On the Harary graph the members sit on a ring in the order of a random permutation, and
 * everybody is the neighbour of the degree / 2 next ones on each side. The permutation is a function of a seed that is
 * fixed after everybody's keys are, so that nobody can arrange who surrounds whom.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { SharingGraph } from './choose-degree.ts';

/**
 * @param seed 32 bytes
 * @param n members
 * @returns the neighbours of member `index`, ascending
 */
export function neighboursOf(graph: SharingGraph, seed: Uint8Array, n: number, index: number): number[] {
  return graph.kind === 'complete' ? allBut(index, n) : beside(index, ringOf(seed, n), graph.degree);
}

/** The neighbours of every member: for the coordinator, to draw the permutation only once. */
export function neighbourhoods(graph: SharingGraph, seed: Uint8Array, n: number): number[][] {
  if (graph.kind === 'complete') return ascending(n).map((index) => allBut(index, n));
  const ring = ringOf(seed, n);
  return ascending(n).map((index) => beside(index, ring, graph.degree));
}

interface Ring {
  /** The member at each place. */
  readonly members: readonly number[];
  /** The place of each member. */
  readonly places: readonly number[];
}

function ringOf(seed: Uint8Array, n: number): Ring {
  const members = permutation(seed, n);
  const places = ascending(n);
  members.forEach((member, place) => {
    places[member] = place;
  });
  return { members, places };
}

function beside(index: number, { members, places }: Ring, degree: number): number[] {
  const n = members.length;
  const neighbours: number[] = [];
  for (let step = 1; step <= degree / 2; step += 1) {
    neighbours.push(members[(places[index]! + step) % n]!, members[(places[index]! + n - step) % n]!);
  }
  return neighbours.sort((a, b) => a - b);
}

function allBut(index: number, n: number): number[] {
  return ascending(n).filter((other) => other !== index);
}

/** Fisher and Yates, from the last place down: each permutation is equally likely if the words are uniform. */
function permutation(seed: Uint8Array, n: number): number[] {
  const words = wordsOf(seed);
  const order = ascending(n);
  for (let last = n - 1; last > 0; last -= 1) {
    const other = uniformBelow(last + 1, words);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** Words in the incomplete last multiple of `bound` are thrown away: the rest would favour small numbers. */
function uniformBelow(bound: number, words: Iterator<number, never>): number {
  const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
  let word = words.next().value;
  while (word >= limit) word = words.next().value;
  return word % bound;
}

/** SHA-256(seed, counter as u32 LE) for counter 0, 1, 2..., read as u32 LE. */
function* wordsOf(seed: Uint8Array): Generator<number, never> {
  const input = new Uint8Array(seed.length + 4);
  input.set(seed);
  for (let counter = 0; ; counter += 1) {
    new DataView(input.buffer).setUint32(seed.length, counter, true);
    const block = sha256(input);
    const view = new DataView(block.buffer, block.byteOffset);
    for (let at = 0; at < block.length; at += 4) yield view.getUint32(at, true);
  }
}

function ascending(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index);
}
