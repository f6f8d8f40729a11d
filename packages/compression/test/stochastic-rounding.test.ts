import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CodecError } from '../src/errors.ts';
import { openPlainRounding, openWasmRounding } from '../src/stochastic-rounding.ts';

it('kernels round to the same integers as the plain code', () => {
  const kernels = openWasmRounding()!;
  const plain = openPlainRounding();
  const words = fc.uint32Array({ minLength: 50, maxLength: 50 });
  const values = fc.float32Array({ minLength: 1, maxLength: 50, noNaN: true, noDefaultInfinity: true });
  const factor = fc.oneof(
    fc.double({ min: 1e-6, max: 1e8, noNaN: true }),
    fc.double({ min: 1e-36, max: 1e-28, noNaN: true }),
  );
  fc.assert(
    fc.property(
      values,
      words,
      factor,
      fc.option(fc.integer({ min: 2, max: 24 })),
      (update, chance, scale, valueBits) => {
        const options = {
          factor: scale,
          levels: valueBits === null ? null : 2 ** (valueBits - 1) - 1,
          random: { fill: (into: Uint32Array) => into.set(chance.subarray(0, into.length)) },
        };
        expect(outcomeOf(() => kernels.round(update, options))).toEqual(
          outcomeOf(() => plain.round(update, options)),
        );
      },
    ),
    { numRuns: 500 },
  );
});

it('without levels refuses what is beyond 2^31 steps, and rounds what is within', () => {
  for (const rounding of [openPlainRounding(), openWasmRounding()!]) {
    const random = { fill: (words: Uint32Array) => words.fill(0x7fffffff) };
    const options = { factor: 2 ** 24, levels: null, random };
    expect([...rounding.round(Float32Array.of(127, -128 + 2 ** -16), options)]).toEqual([
      127 * 2 ** 24,
      -(2 ** 31) + 2 ** 8,
    ]);
    for (const value of [128, -128, 3e38]) {
      expect(() => rounding.round(Float32Array.of(0, value), options)).toThrow(
        expect.objectContaining({ code: 'codec-impossible' }),
      );
    }
  }
});

it('kernels refuse a value that is not finite, wherever it stands, and nothing that is left of the last piece', () => {
  const kernels = openWasmRounding()!;
  const options = { factor: 1, levels: 127, random: { fill: () => undefined } };
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (let at = 0; at < 7; at += 1) {
      const values = new Float32Array(7);
      values[at] = bad;
      expect(() => kernels.round(values, options)).toThrow(CodecError);
      expect(() => kernels.round(new Float32Array(at), options)).not.toThrow();
    }
  }
});

/** What comes out, or why nothing does. */
function outcomeOf(round: () => Int32Array): Int32Array | string {
  try {
    return round().slice();
  } catch (error) {
    if (error instanceof CodecError) return error.code;
    throw error;
  }
}
