/** What every ring vector does: compared with BigInt, element by element. */
import { pack, packedBytes, type RingVector, unpack } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

export type CreateRingVector = (length: number, bits: number) => RingVector;

const bits = fc.integer({ min: 1, max: 32 });
const FORMS = ['lanes', 'lanes, subtracted', 'packed', 'values'] as const;
/** A kernel differs by width where elements lie across bytes: these have one of each kind. */
const WIDTHS = [1, 5, 8, 11, 16, 18, 23, 24, 25, 26, 32];

export function ringVectorContract(name: string, create: CreateRingVector): void {
  describe(`${name}: a vector modulo 2^b`, () => {
    it('adds lanes, packed elements and values to any range and leaves the rest alone', () => {
      fc.assert(
        fc.property(bits, fc.integer({ min: 1, max: 200 }), fc.infiniteStream(word()), (b, length, words) => {
          const vector = create(length, b);
          const reference = new Array<bigint>(length).fill(0n);
          for (let step = 0; step < 8; step += 1) {
            const form = FORMS[(words.next().value as number) % FORMS.length]!;
            const [anywhere, count] = someRange(length, words);
            const at = form === 'packed' ? anywhere - (anywhere % 8) : anywhere;
            const values = take(words, count);
            // More than b bits: only the low ones count.
            if (form === 'lanes') vector.add(lanesOf(values, vector.laneBytes), at);
            else if (form === 'lanes, subtracted') vector.subtract(lanesOf(values, vector.laneBytes), at);
            else if (form === 'values') vector.addValues(Int32Array.from(values), at);
            else vector.addPacked(pack(Uint32Array.from(values), b), at);
            // Fewer than eight bits leave room for another element in the last byte, which is zero.
            const sign = form === 'lanes, subtracted' ? -1n : 1n;
            for (const [i, value] of values.entries()) reference[at + i]! += sign * BigInt(value);
          }
          expectEqual(vector, reference);
        }),
        { numRuns: 200 },
      );
    });

    it('adds packed elements, whole and in ranges', () => {
      fc.assert(
        fc.property(bits, fc.integer({ min: 1, max: 200 }), fc.infiniteStream(word()), (b, length, words) => {
          const values = take(words, length);
          const bytes = pack(Uint32Array.from(values), b);
          const whole = create(length, b);
          whole.addPacked(bytes);
          expectEqual(whole, values.map(BigInt));

          const inRanges = create(length, b);
          const cut = 8 * ((words.next().value as number) % (Math.floor(length / 8) + 1));
          inRanges.addPacked(bytes.subarray(packedBytes(cut, b)), cut);
          inRanges.addPacked(bytes.subarray(0, packedBytes(cut, b)));
          expect(inRanges.lanes()).toEqual(whole.lanes());
        }),
        { numRuns: 80 },
      );
    });

    it('adds signed values, and gives them back when the sum is small', () => {
      fc.assert(
        fc.property(bits, fc.integer({ min: 1, max: 100 }), fc.infiniteStream(word()), (b, length, words) => {
          const half = 2 ** (b - 1);
          const values = take(words, length).map((x) => (x % (2 * half)) - half);
          const vector = create(length, b);
          vector.addValues(Int32Array.from(values));
          expect([...vector.signedValues()]).toEqual(values);
          vector.addValues(Int32Array.from(values, (x) => -x));
          expect([...vector.signedValues()]).toEqual(new Array(length).fill(0));
        }),
        { numRuns: 80 },
      );
    });

    it.each(WIDTHS)('of %i bits goes over piece borders without a trace', (b) => {
      // Longer than any staging, and no multiple of a vector of 16 bytes.
      const length = Math.ceil((8 * 131_072) / b) + 1007;
      const elements = Uint32Array.from({ length }, (_, i) => Math.imul(i, 2654435761) ^ (i << 3));
      const vector = create(length, b);
      vector.addPacked(pack(elements, b));
      vector.add(lanesOf(elements, vector.laneBytes), 0);
      vector.addValues(Int32Array.from(elements, (x) => x | 0));
      vector.subtract(lanesOf(elements.subarray(5), vector.laneBytes), 5);
      vector.addVector(vector);
      const expected = Uint32Array.from(elements, (x, i) => (i < 5 ? 6 : 4) * (x % 2 ** b));
      const modulo = pack(expected, b);
      expect(Buffer.compare(vector.packed(), modulo)).toBe(0);
      expect(Buffer.compare(vector.lanes(), lanesOf(unpack(modulo, b, length), vector.laneBytes))).toBe(0);
      expect(
        Buffer.compare(
          vector.packed(length - (length % 8) - 400),
          modulo.subarray(packedBytes(length - (length % 8) - 400, b)),
        ),
      ).toBe(0);
    });

    it('takes bytes from anywhere in a buffer', () => {
      for (const b of [7, 12, 23, 24, 30]) {
        const values = Array.from({ length: 100 }, (_, i) => Math.imul(i + 1, 40_503) & (2 ** b - 1));
        for (const bytesOf of [
          { add: 'lanes', bytes: lanesOf(values, Math.ceil(b / 8)) },
          { add: 'packed', bytes: pack(Int32Array.from(values), b) },
        ]) {
          const buffer = new Uint8Array(bytesOf.bytes.length + 9).fill(0xff);
          buffer.set(bytesOf.bytes, 3);
          const bytes = buffer.subarray(3, 3 + bytesOf.bytes.length);
          const vector = create(100, b);
          if (bytesOf.add === 'lanes') vector.add(bytes, 0);
          else vector.addPacked(bytes);
          expectEqual(
            vector,
            values.map((x) => BigInt(x >>> 0)),
          );
        }
      }
    });

    it('moves ranges between vectors, as a worker does that sums a slice', () => {
      const whole = create(64, 23);
      whole.addValues(Int32Array.from({ length: 64 }, (_, i) => i * i - 900));
      const slice = create(32, 23);
      slice.add(whole.lanes(16, 48), 0);
      expect(slice.signedValues()).toEqual(whole.signedValues(16, 48));
      expect(slice.packed()).toEqual(whole.packed(16, 48));
    });

    it('refuses what does not fit', () => {
      const vector = create(10, 12);
      expect(() => vector.add(new Uint8Array(22), 0)).toThrow(RangeError);
      expect(() => vector.add(new Uint8Array(3), 0)).toThrow(RangeError);
      expect(() => vector.subtract(new Uint8Array(4), 9)).toThrow(RangeError);
      expect(() => vector.subtract(new Uint8Array(4), -1)).toThrow(RangeError);
      expect(() => vector.addPacked(new Uint8Array(16))).toThrow(RangeError);
      expect(() => vector.addPacked(new Uint8Array(4))).toThrow(RangeError);
      expect(() => vector.addPacked(new Uint8Array(3), 1)).toThrow(RangeError);
      expect(() => vector.addValues(new Int32Array(11))).toThrow(RangeError);
      expect(() => vector.addVector(create(11, 12))).toThrow(RangeError);
      expect(() => vector.addVector(create(10, 13))).toThrow(RangeError);
      expect(() => vector.lanes(0, 11)).toThrow(RangeError);
      expect(() => vector.packed(1)).toThrow(RangeError);
      expect(() => vector.signedValues(4, 3)).toThrow(RangeError);
      expect([...vector.signedValues()]).toEqual(new Array(10).fill(0));
    });
  });
}

function expectEqual(vector: RingVector, reference: readonly bigint[]): void {
  const { bits: b } = vector;
  const elements = Uint32Array.from(reference, (x) => Number(BigInt.asUintN(b, x)));
  expect(vector.lanes()).toEqual(lanesOf(elements, vector.laneBytes));
  expect(vector.packed()).toEqual(pack(elements, b));
  expect([...vector.signedValues()]).toEqual(reference.map((x) => Number(BigInt.asIntN(b, x))));
}

/** The low bytes of each, little-endian. */
function lanesOf(values: ArrayLike<number>, laneBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * laneBytes);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = values[Math.floor(i / laneBytes)]! >>> (8 * (i % laneBytes));
  }
  return bytes;
}

function word() {
  return fc.integer({ min: 0, max: 2 ** 32 - 1 });
}

function take(words: fc.Stream<number>, count: number): number[] {
  return Array.from({ length: count }, () => words.next().value as number);
}

function someRange(length: number, words: fc.Stream<number>): [number, number] {
  const at = (words.next().value as number) % (length + 1);
  return [at, (words.next().value as number) % (length - at + 1)];
}
