import { pack, packedBytes, unpack } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const packing = fc.integer({ min: 1, max: 32 }).chain((bits) =>
  fc.record({
    bits: fc.constant(bits),
    elements: fc.array(fc.integer({ min: 0, max: 2 ** bits - 1 }), { maxLength: 70 }),
  }),
);

describe('packed elements', () => {
  it('are one little-endian number whose digits have b bits, as BigInt computes it', () => {
    fc.assert(
      fc.property(packing, ({ bits, elements }) => {
        const number = elements.reduceRight((sum, element) => (sum << BigInt(bits)) + BigInt(element), 0n);
        const bytes = pack(Uint32Array.from(elements), bits);
        expect(bytes.length).toBe(Math.ceil((elements.length * bits) / 8));
        expect(bytes.reduceRight((sum, byte) => (sum << 8n) + BigInt(byte), 0n)).toBe(number);
        expect([...unpack(bytes, bits, elements.length)]).toEqual(elements);
      }),
      { numRuns: 200 },
    );
  });

  it('take the low bits of negative values', () => {
    for (let bits = 1; bits <= 32; bits += 1) {
      const values = Int32Array.from([-1, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 1]);
      const expected = [2 ** bits - 1, 2 ** (bits - 1), 2 ** (bits - 1) - 1, 1];
      expect([...unpack(pack(values, bits), bits, 4)]).toEqual(expected);
    }
  });

  it.each([
    [8, [0x01, 0x02]],
    [16, [0x01, 0x00, 0x02, 0x00]],
    [24, [0x01, 0x00, 0x00, 0x02, 0x00, 0x00]],
    [32, [0x01, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00]],
    [4, [0x21]],
    [5, [0x41, 0x00]],
  ])('of %i bits have the bytes that the frame is known by', (bits, bytes) => {
    expect([...pack(Uint32Array.from([1, 2]), bits)]).toEqual(bytes);
  });

  it('begin at a byte at each eighth element', () => {
    const elements = Uint32Array.from({ length: 24 }, (_, i) => (i * 2654435761) >>> 0);
    for (let bits = 1; bits <= 32; bits += 1) {
      const tail = pack(elements, bits).subarray(packedBytes(16, bits));
      expect([...tail]).toEqual([...pack(elements.subarray(16), bits)]);
    }
  });

  it('are refused when there are too few bytes', () => {
    expect(() => unpack(new Uint8Array(2), 6, 3)).toThrow(RangeError);
  });
});
