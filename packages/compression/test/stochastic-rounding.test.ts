import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { openPlainRounding, openWasmRounding } from '../src/stochastic-rounding.ts';

it('kernels round to the same integers as the plain code', () => {
  const kernels = openWasmRounding()!;
  const plain = openPlainRounding();
  const words = fc.uint32Array({ minLength: 50, maxLength: 50 });
  const values = fc.float32Array({ minLength: 1, maxLength: 50, noNaN: true, noDefaultInfinity: true });
  const factor = fc.double({ min: 1e-6, max: 1e8, noNaN: true });
  fc.assert(
    fc.property(
      values,
      words,
      factor,
      fc.integer({ min: 2, max: 24 }),
      (update, chance, scale, valueBits) => {
        const options = {
          factor: scale,
          levels: 2 ** (valueBits - 1) - 1,
          random: { fill: (into: Uint32Array) => into.set(chance.subarray(0, into.length)) },
        };
        expect(kernels.round(update, options)).toEqual(plain.round(update, options));
      },
    ),
    { numRuns: 500 },
  );
});

it('kernels refuse a value that is not finite, wherever it stands, and nothing that is left of the last piece', () => {
  const kernels = openWasmRounding()!;
  const options = { factor: 1, levels: 127, random: { fill: () => undefined } };
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (let at = 0; at < 7; at += 1) {
      const values = new Float32Array(7);
      values[at] = bad;
      expect(() => kernels.round(values, options)).toThrow(RangeError);
      expect(() => kernels.round(new Float32Array(at), options)).not.toThrow();
    }
  }
});
