import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeIndices, encodeIndices } from '../../src/clear/index-coding.ts';
import { CodecError } from '../../src/errors.ts';
import { seeded } from './samples.ts';

const BITMAP = 0;
const GAPS = 1;
const RICE = 32;

describe('indices of kept coordinates', () => {
  it.each([
    // Entropy of one coin a coordinate, H(p) / p, is 4.69, 8.08 and 11.41.
    [0.1, 4.76],
    [0.01, 8.11],
    [0.001, 11.5],
  ])('cost at %d of them %d bits each, within 2 %%', (share, published) => {
    const length = 2 ** 22;
    const indices = randomIndices(length, share, 1);
    const bitsEach = (8 * encodeIndices(indices, length).length) / indices.length;
    expect(Math.abs(bitsEach / published - 1)).toBeLessThan(0.02);
  });

  it('take the smallest form: a bitmap for half of them, gaps for clusters far apart, Golomb-Rice for few at random', () => {
    const half = Uint32Array.from({ length: 500 }, (_, i) => 2 * i + (i % 2));
    expect(encodeIndices(half, 1000)[0]).toBe(BITMAP);
    expect(encodeIndices(half, 1000)).toHaveLength(1 + 125);
    const clusters = Uint32Array.from({ length: 600 }, (_, i) => 1_000_000 * Math.floor(i / 100) + (i % 100));
    expect(encodeIndices(clusters, 6_000_000)[0]).toBe(GAPS);
    expect(encodeIndices(randomIndices(100_000, 0.01, 2), 100_000)[0]).toBe(RICE + 6);
  });

  it('have these bytes', () => {
    // Gaps 2, 0, 10 with r = 1: 2 = (1, 0): 1 0 0; 0 = (0, 0): 0 0; 10 = (5, 0): 11111 0 0. From the lowest bit on.
    expect(hex(encodeIndices(Uint32Array.of(2, 3, 14), 24))).toBe('21e103');
    // A gap of 200 in base 128, lowest digit first.
    expect(hex(encodeIndices(Uint32Array.of(200), 4_000_000))).toBe('01c801');
    expect(hex(encodeIndices(Uint32Array.of(1, 3, 5, 8), 10))).toBe('002a01');
    expect(hex(encodeIndices(new Uint32Array(0), 24))).toBe('01');
    expect(hex(encodeIndices(new Uint32Array(0), 0))).toBe('00');
  });

  it('come back, whichever they were', () => {
    fc.assert(
      fc.property(selections, ({ indices, length }) => {
        const bytes = encodeIndices(indices, length);
        expect(decodeIndices(bytes, { count: indices.length, length })).toEqual(indices);
        expect(bytes.length).toBeLessThanOrEqual(2 + length / 8);
      }),
      { numRuns: 1000 },
    );
  });

  it('are refused or still a selection when their bytes are cut, lengthened or changed', () => {
    fc.assert(
      fc.property(selections, damages, ({ indices, length }, damage) => {
        expectSelectionOrRefusal(damage(encodeIndices(indices, length)), { count: indices.length, length });
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['no bytes at all', [], 0],
    ['a form that does not exist', [RICE], 0],
    ['bytes behind the last index', [RICE + 1, 0, 0], 1],
    ['bits behind the last index', [RICE + 1, 0b100], 1],
    ['an index beyond the last coordinate', [RICE + 31, 0xfe, 0xff, 0xff, 0xff, 0], 1],
    ['quotients without an end', [RICE + 1, 0xff, 0xff], 1],
    ['a bitmap with too many bits', [BITMAP, 0b11, 0], 1],
    ['a bitmap with a bit behind its end', [BITMAP, 0, 0b1000_0000], 1],
    ['a bitmap of another length', [BITMAP, 1], 1],
    ['a gap that was cut off', [GAPS, 0x80], 1],
    ['a gap that is longer than it need be', [GAPS, 0x80, 0x00], 1],
    ['a gap of too many bytes', [GAPS, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 1],
    ['more indices than coordinates', [BITMAP, 0xff, 0xff], 16],
  ])('are refused when there are %s', (_, bytes, count) => {
    const decode = () => decodeIndices(Uint8Array.from(bytes), { count, length: 15 });
    expect(decode).toThrow(expect.objectContaining({ code: 'codec-malformed' }));
  });
});

/** Clustered and scattered ones. */
const selections = fc
  .record({
    seed: fc.nat(),
    length: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3000 })),
    share: fc.constantFrom(0, 0.001, 0.01, 0.1, 0.5, 0.9, 1),
    cluster: fc.constantFrom(1, 1, 7, 100),
  })
  .map(({ seed, length, share, cluster }) => {
    const clusters = randomIndices(Math.ceil(length / cluster), share, seed);
    const indices = [...clusters].flatMap((c) => Array.from({ length: cluster }, (_, i) => c * cluster + i));
    return { indices: Uint32Array.from(indices.filter((index) => index < length)), length };
  });

const damages = fc.oneof(
  fc.nat().map((at) => (bytes: Uint8Array) => bytes.slice(0, at % (bytes.length + 1))),
  fc
    .uint8Array({ minLength: 1, maxLength: 9 })
    .map((more) => (bytes: Uint8Array) => Uint8Array.of(...bytes, ...more)),
  fc
    .record({ at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) })
    .map(({ at, byte }) => (bytes: Uint8Array) => {
      const damaged = bytes.slice();
      damaged[at % bytes.length]! ^= byte;
      return damaged;
    }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => () => bytes),
);

function expectSelectionOrRefusal(bytes: Uint8Array, of: { count: number; length: number }): void {
  try {
    const indices = decodeIndices(bytes, of);
    expect(indices).toHaveLength(of.count);
    expect(indices.every((index, i) => index < of.length && (i === 0 || index > indices[i - 1]!))).toBe(true);
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
  }
}

function randomIndices(length: number, share: number, seed: number): Uint32Array<ArrayBuffer> {
  const random = seeded(seed);
  const words = new Uint32Array(length);
  random.fill(words);
  return Uint32Array.from(words.keys()).filter((i) => words[i]! / 2 ** 32 < share);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
