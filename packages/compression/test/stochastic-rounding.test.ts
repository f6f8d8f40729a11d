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

it('without levels takes what is beyond 2^31 steps modulo 2^32, as a ring does, and refuses no finite value', () => {
  const random = { fill: (words: Uint32Array) => words.fill(0x7fffffff) };
  const values = Float32Array.of(127, -128 + 2 ** -16, 128, -128, 200, -200, 2 ** 20 + 1, 2 ** 27);
  const expected = [127 * 2 ** 24, -(2 ** 31) + 2 ** 8, -(2 ** 31), -(2 ** 31), -56 * 2 ** 24, 56 * 2 ** 24];
  for (const rounding of [openPlainRounding(), openWasmRounding()!]) {
    const round = (of: Float32Array, factor = 2 ** 24) => [
      ...rounding.round(of, { factor, levels: null, random }),
    ];
    expect(round(values)).toEqual([...expected, 2 ** 24, 0]);
    // Above 2^50 steps, too, where only the plain code is exact.
    expect(round(Float32Array.of(2 ** 20 + 1), 2 ** 31 + 5)).toEqual([5 * (2 ** 20 + 1) - 2 ** 31]);
    expect(round(Float32Array.of(1 + 2 ** -20), 2 ** 52 + 1)).toEqual([1]);
    expect(round(Float32Array.of(3e38, -3e38), 1e30)).toEqual([0, 0]);
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
