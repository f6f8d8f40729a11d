import { decodeFrame, encodeFrame, errorCodeOf, frameLength, plainSha256 } from '@tributary/fl-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const options = { sha256: plainSha256 };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return errorCodeOf(error);
  }
  return 'none';
};

const SMALL = { shapes: [[2, 1], [1], []], values: new Float32Array([1, -2.5, 0.1, 3]) };

/** Written down by hand from the layout in `wire/frame.ts`; the checksum is coreutils' sha256sum of the rest. */
const FROZEN_HEADER =
  '54524246' +
  '0100' +
  '01' +
  '00' +
  '03000000' +
  '10000000' +
  '02000000' +
  '02000000' +
  '01000000' +
  '01000000' +
  '01000000' +
  '00000000';
const FROZEN_PAYLOAD = '0000803f' + '000020c0' + 'cdcccc3d' + '00004040';
const FROZEN_CHECKSUM = '8398a76e8672cb6f4ffaa2e2c058321475c0cd187502f303d5a2b5c05af84b6e';

const shapesArbitrary = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }), {
  maxLength: 5,
});
const parametersArbitrary = shapesArbitrary.chain((shapes) => {
  const count = shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return fc
    .float32Array({ minLength: count, maxLength: count })
    .map((values) => ({ shapes, values: values as Float32Array<ArrayBuffer> }));
});

describe('the tensor frame', () => {
  it('[W-1] has these bytes', () => {
    expect(hex(encodeFrame(SMALL, plainSha256))).toBe(FROZEN_HEADER + FROZEN_PAYLOAD + FROZEN_CHECKSUM);
  });

  it('[W-1] decodes what it encoded, bit for bit', () => {
    fc.assert(
      fc.property(parametersArbitrary, (parameters) => {
        const frame = encodeFrame(parameters, plainSha256);
        expect(frame.length).toBe(frameLength(parameters.shapes));
        const decoded = decodeFrame(frame, options);
        expect(decoded.shapes).toEqual(parameters.shapes);
        expect(new Uint8Array(decoded.values.buffer)).toEqual(
          new Uint8Array(
            parameters.values.buffer,
            parameters.values.byteOffset,
            parameters.values.byteLength,
          ),
        );
      }),
    );
  });

  it('[W-1] reads a frame that lies at an odd offset of a larger buffer', () => {
    const frame = encodeFrame(SMALL, plainSha256);
    const larger = new Uint8Array(frame.length + 7);
    larger.set(frame, 3);
    expect(decodeFrame(larger.subarray(3, 3 + frame.length), options).values).toEqual(SMALL.values);
  });

  it('[W-2] names what is wrong', () => {
    const spoil = (offset: number, value: number): Uint8Array => {
      const frame = encodeFrame(SMALL, plainSha256);
      frame[offset] = value;
      return frame;
    };
    expect(codeOf(() => decodeFrame(new Uint8Array(10), options))).toBe('frame-length');
    expect(codeOf(() => decodeFrame(spoil(0, 0), options))).toBe('frame-magic');
    expect(codeOf(() => decodeFrame(spoil(4, 2), options))).toBe('frame-version');
    expect(codeOf(() => decodeFrame(spoil(6, 2), options))).toBe('frame-dtype');
    expect(codeOf(() => decodeFrame(spoil(9, 255), options))).toBe('frame-shape');
    expect(codeOf(() => decodeFrame(spoil(12, 12), options))).toBe('frame-length');
    expect(codeOf(() => decodeFrame(spoil(60, 1), options))).toBe('frame-checksum');
    expect(
      codeOf(() => decodeFrame(encodeFrame(SMALL, plainSha256), { ...options, expectedShapes: [[4]] })),
    ).toBe('frame-shape');
  });

  it('[W-2] compares every shape, however many tensors a model has', () => {
    const expectedShapes = Array.from({ length: 100 }, () => [2, 3]);
    const shapes = expectedShapes.with(99, [3, 2]);
    const frame = encodeFrame({ shapes, values: new Float32Array(600) }, plainSha256);
    expect(decodeFrame(frame, { ...options, expectedShapes: shapes }).values).toHaveLength(600);
    expect(codeOf(() => decodeFrame(frame, { ...options, expectedShapes }))).toBe('frame-shape');
  });

  it('[W-2] refuses a frame with any single byte changed, cut or added', () => {
    const frame = encodeFrame(SMALL, plainSha256);
    for (let i = 0; i < frame.length; i += 1) {
      const spoiled = frame.slice();
      spoiled[i] = spoiled[i]! ^ 0x41;
      expect(
        codeOf(() => decodeFrame(spoiled, options)),
        `byte ${i}`,
      ).toMatch(/^frame-/);
      expect(
        codeOf(() => decodeFrame(frame.subarray(0, i), options)),
        `cut at ${i}`,
      ).toMatch(/^frame-/);
    }
    expect(codeOf(() => decodeFrame(new Uint8Array([...frame, 0]), options))).toBe('frame-length');
  });

  it('[W-2] refuses a payload longer than its shapes, even when length and checksum agree with it', () => {
    const frame = encodeFrame(SMALL, plainSha256);
    const longer = new Uint8Array(frame.length + 4);
    longer.set(frame.subarray(0, frame.length - 32));
    longer[12] = longer[12]! + 4;
    longer.set(plainSha256(longer.subarray(0, longer.length - 32)), longer.length - 32);
    expect(codeOf(() => decodeFrame(longer, options))).toBe('frame-length');
  });

  it('[W-2] never throws anything but a coded error on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, withMagic) => {
        if (withMagic) bytes.set([0x54, 0x52, 0x42, 0x46, 1, 0, 1, 0].slice(0, bytes.length));
        expect(codeOf(() => decodeFrame(bytes, options))).toMatch(/^frame-/);
      }),
    );
  });
});
