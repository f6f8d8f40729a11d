/** Bytes that devices of different versions agree on; `test/e2e/same-bits.spec.ts` holds a browser to the same. */
import { describe, expect, it } from 'vitest';
import { frozenCodes } from '../../../test/vectors/compression.ts';

describe('the frozen codes', () => {
  it.each(frozenCodes())('hold $section: $title', ({ expected, made }) => {
    expect(made()).toEqual(expected);
  });
});
