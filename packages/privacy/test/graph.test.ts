import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { SharingGraph } from '../src/secagg/choose-degree.ts';
import { neighbourhoods, neighboursOf } from '../src/secagg/graph.ts';

const complete = (n: number): SharingGraph => ({ kind: 'complete', degree: n - 1, shareThreshold: n - 1 });
const harary = (degree: number): SharingGraph => ({ kind: 'harary', degree, shareThreshold: degree });
const seedOf = (text: string) => createHash('sha256').update(text).digest();

describe('neighbours', () => {
  test('are everybody else on the complete graph', () => {
    expect(neighboursOf(complete(5), seedOf('any'), 5, 2)).toEqual([0, 1, 3, 4]);
    expect(neighbourhoods(complete(3), seedOf('any'), 3)).toEqual([
      [1, 2],
      [0, 2],
      [0, 1],
    ]);
  });

  // Known answers by another program, in another language, from the text of docs/protocol.md.
  test('[G-4] on the Harary graph of twelve are the known ones', () => {
    const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(neighbourhoods(harary(4), seed, 12)).toEqual([
      [1, 2, 4, 8],
      [0, 2, 3, 8],
      [0, 1, 3, 10],
      [1, 2, 10, 11],
      [0, 5, 7, 8],
      [4, 6, 7, 9],
      [5, 9, 10, 11],
      [4, 5, 8, 9],
      [0, 1, 4, 7],
      [5, 6, 7, 11],
      [2, 3, 6, 11],
      [3, 6, 9, 10],
    ]);
  });

  test('[G-4] on the Harary graph of a thousand are the known ones', () => {
    const seed = new Uint8Array(32).fill(7);
    expect(neighboursOf(harary(6), seed, 1000, 0)).toEqual([30, 116, 196, 599, 810, 885]);
  });

  test('[G-4] do not follow from a word that would favour small numbers: it is passed over', () => {
    // Word 414 of this stream, drawn for a place among the first 586, lies beyond the last multiple of 586;
    // members 3 and 4 are placed later.
    const seed = Buffer.from('ab30d5f8c4ea4962d09befbde7f4aab7b11c1f7872625113619d81f118267f3d', 'hex');
    expect(neighboursOf(harary(6), seed, 1000, 3)).toEqual([71, 144, 259, 347, 503, 993]);
    expect(neighboursOf(harary(6), seed, 1000, 4)).toEqual([11, 54, 65, 280, 595, 945]);
  });

  test('[G-4] are those of a slow implementation by distances on the ring', () => {
    for (let n = 4; n <= 40; n += 1) {
      for (let degree = 2; degree <= n - 2; degree += 4) {
        const seed = seedOf(`${n} ${degree}`);
        const slow = slowNeighbourhoods(degree, seed, n);
        expect(neighbourhoods(harary(degree), seed, n)).toEqual(slow);
        expect(neighboursOf(harary(degree), seed, n, n - 1)).toEqual(slow[n - 1]);
      }
    }
    const seed = seedOf('large');
    expect(neighbourhoods(harary(254), seed, 1000)).toEqual(slowNeighbourhoods(254, seed, 1000));
  });

  test('are as many as the degree, mutual, never oneself, and connect everybody', () => {
    for (const [n, degree] of [
      [4, 2],
      [65, 22],
      [100, 2],
      [101, 98],
      [1000, 78],
    ] as const) {
      const all = neighbourhoods(harary(degree), seedOf(`laws of ${n}`), n);
      for (const [index, neighbours] of all.entries()) {
        expect(new Set(neighbours).size).toBe(degree);
        expect(neighbours).toEqual(neighbours.toSorted((a, b) => a - b));
        expect(neighbours).not.toContain(index);
        expect(neighbours.every((other) => all[other]!.includes(index))).toBe(true);
      }
      expect(reachableFrom(0, all)).toBe(n);
    }
  });

  test('are each as likely as any other', () => {
    // chi-squared with n - 2 = 8 degrees of freedom exceeds 42 in one of a million; the seeds are fixed.
    const counts = new Array<number>(10).fill(0);
    const draws = 9000;
    for (let draw = 0; draw < draws; draw += 1) {
      for (const neighbour of neighboursOf(harary(4), seedOf(`draw ${draw}`), 10, 3)) counts[neighbour]! += 1;
    }
    expect(counts[3]).toBe(0);
    const expected = (draws * 4) / 9;
    const squares = counts
      .filter((_, index) => index !== 3)
      .map((count) => (count - expected) ** 2 / expected);
    expect(squares.reduce((sum, square) => sum + square)).toBeLessThan(42);
  });

  test('depend on every byte of the seed', () => {
    const first = JSON.stringify(neighbourhoods(harary(6), new Uint8Array(32), 50));
    for (let at = 0; at < 32; at += 1) {
      const seed = new Uint8Array(32);
      seed[at] = 1;
      expect(JSON.stringify(neighbourhoods(harary(6), seed, 50))).not.toBe(first);
    }
  });
});

/** Neighbours are those whose places on the ring are degree / 2 apart at most. */
function slowNeighbourhoods(degree: number, seed: Uint8Array, n: number): number[][] {
  const places = slowPlaces(seed, n);
  return places.map((place, index) =>
    places.flatMap((other, candidate) => {
      const apart = Math.abs(place - other);
      return candidate !== index && Math.min(apart, n - apart) <= degree / 2 ? [candidate] : [];
    }),
  );
}

/** The place of each member: places are filled from the last one down, each by one of those who still wait. */
function slowPlaces(seed: Uint8Array, n: number): number[] {
  let drawn = 0;
  const word = () => {
    const block = Buffer.alloc(4);
    block.writeUInt32LE(Math.floor(drawn / 8));
    const digest = createHash('sha256').update(seed).update(block).digest();
    drawn += 1;
    return BigInt(digest.readUInt32LE(((drawn - 1) % 8) * 4));
  };
  const waiting = Array.from({ length: n }, (_, member) => member);
  const places = new Array<number>(n).fill(0);
  for (let place = n - 1; place > 0; place -= 1) {
    const bound = BigInt(waiting.length);
    let value = word();
    while (value / bound >= 2n ** 32n / bound) value = word();
    const at = Number(value % bound);
    places[waiting[at]!] = place;
    const lastOne = waiting.pop()!;
    if (at < waiting.length) waiting[at] = lastOne;
  }
  places[waiting[0]!] = 0;
  return places;
}

function reachableFrom(start: number, neighbours: readonly (readonly number[])[]): number {
  const seen = new Set([start]);
  for (const member of seen) for (const other of neighbours[member]!) seen.add(other);
  return seen.size;
}
