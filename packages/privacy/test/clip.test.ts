import { clipToNorm, l2Norm } from '@tributary/privacy';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const vectors = fc
  .array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 300 })
  .map((values) => new Float32Array(values));
const norms = fc.double({ min: 1e-3, max: 1e6, noNaN: true });

describe('clipping to a norm', () => {
  it('leaves no vector longer than the clipping norm, also after rounding to float32', () => {
    fc.assert(
      fc.property(vectors, norms, (values, clippingNorm) => {
        clipToNorm(values, clippingNorm);
        expect(l2Norm(values)).toBeLessThanOrEqual(clippingNorm);
      }),
    );
  });

  it('keeps the direction, and keeps short vectors bit for bit', () => {
    fc.assert(
      fc.property(vectors, norms, (values, clippingNorm) => {
        const before = values.slice();
        const norm = clipToNorm(values, clippingNorm);
        expect(norm).toBe(l2Norm(before));
        if (norm <= clippingNorm) expect(values).toEqual(before);
        const factor = Math.min(1, clippingNorm / norm);
        values.forEach((value, i) => {
          expect(Math.abs(value - before[i]! * factor)).toBeLessThanOrEqual(
            Math.abs(before[i]!) * factor * 4e-7 + 1e-44,
          );
        });
      }),
    );
  });

  it('does not hide what is not a number', () => {
    expect(clipToNorm(new Float32Array([1, Number.NaN]), 1)).toBeNaN();
    expect(clipToNorm(new Float32Array([1, Number.POSITIVE_INFINITY]), 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it('knows the norm of 3-4-5', () => {
    expect(l2Norm(new Float32Array([3, 4]))).toBe(5);
  });
});
