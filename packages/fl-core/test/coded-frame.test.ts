import {
  bytesToHex,
  type ClearPlan,
  compressionPlanSchema,
  decodeCodedFrame,
  encodeCodedFrame,
  errorCodeOf,
  hexToBytes,
  isClearCode,
  longestCodedFrame,
  seededRandom,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';

const SHAPES = [[4, 2], [2]];

function planOf(input: unknown): ClearPlan {
  const plan = compressionPlanSchema.parse(input);
  if (!isClearCode(plan)) throw new Error('not a clear code');
  return plan;
}

const EDEN = planOf({ codec: 'eden' });
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return errorCodeOf(error);
  }
  return 'none';
};

describe('the coded frame', () => {
  it.each([
    ['eden', '01'],
    ['codebook', '02'],
    ['top-k', '03'],
    ['truncated', '04'],
    ['power-sgd', '05'],
  ])('[W-9] of %s has these bytes', (codec, id) => {
    const plan = { compression: planOf({ codec }), shapes: SHAPES };
    const frame = encodeCodedFrame(hexToBytes('a1b2c3'), plan);
    // Written down by hand from the layout in docs/protocol.md.
    expect(bytesToHex(frame)).toBe(`545242430100${id}000a000000a1b2c3`);
    expect(decodeCodedFrame(frame, plan)).toEqual(hexToBytes('a1b2c3'));
    const larger = new Uint8Array(frame.length + 8);
    larger.set(frame, 3);
    expect(decodeCodedFrame(larger.subarray(3, 3 + frame.length), plan)).toEqual(hexToBytes('a1b2c3'));
  });

  it('[W-9] names what is wrong', () => {
    const plan = { compression: EDEN, shapes: SHAPES };
    const frame = encodeCodedFrame(Uint8Array.of(1), plan);
    const spoilt = (offset: number) => {
      const copy = frame.slice();
      copy[offset] = copy[offset]! ^ 0x40;
      return codeOf(() => decodeCodedFrame(copy, plan));
    };
    const codes = [0, 4, 6, 7, 8, 11].map(spoilt);
    expect(codes).toEqual([
      ...['frame-magic', 'frame-version', 'frame-dtype', 'frame-dtype', 'frame-shape', 'frame-shape'],
    ]);
    expect(codeOf(() => decodeCodedFrame(frame.subarray(0, 11), plan))).toBe('frame-length');
    const longest = longestCodedFrame(plan);
    const filled = encodeCodedFrame(new Uint8Array(longest - 12), plan);
    expect(decodeCodedFrame(filled, plan)).toHaveLength(longest - 12);
    const longer = encodeCodedFrame(new Uint8Array(longest - 11), plan);
    expect(codeOf(() => decodeCodedFrame(longer, plan))).toBe('frame-length');
  });

  it('[W-9] never throws anything but a coded error on random bytes', () => {
    const random = seededRandom('coded-frame');
    const plan = { compression: EDEN, shapes: SHAPES };
    for (let i = 0; i < 2000; i += 1) {
      const bytes = Uint8Array.from({ length: random.nextUint32() % 40 }, () => random.nextUint32() & 255);
      if (i % 2 === 0) bytes.set(hexToBytes('5452424301000100').subarray(0, bytes.length));
      expect(codeOf(() => decodeCodedFrame(bytes, plan))).toMatch(/^frame-/);
    }
  });
});
