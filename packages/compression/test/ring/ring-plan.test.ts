import { type RingRequest, ringPlan } from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const REQUEST: RingRequest = {
  valueBits: 16,
  bound: 1,
  ring: 'proven',
  maximumCohort: 100,
  length: 1_000_000,
};

describe('a proven ring', () => {
  it('is the narrowest in which all participants may hold the largest value, either way', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 24 }),
        fc.integer({ min: 1, max: 1000 }),
        (valueBits, maximumCohort) => {
          const plan = ringPlan({ ...REQUEST, valueBits, maximumCohort });
          const levels = 2n ** BigInt(valueBits - 1) - 1n;
          const largest = BigInt(maximumCohort) * levels;
          if (plan.kind === 'impossible') {
            expect(largest).toBeGreaterThan(2n ** 31n - 1n);
            return;
          }
          expect(BigInt(plan.levels)).toBe(levels);
          expect(largest).toBeLessThanOrEqual(2n ** BigInt(plan.bits - 1) - 1n);
          if (plan.bits > 2) expect(largest).toBeGreaterThan(2n ** BigInt(plan.bits - 2) - 1n);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    [16, 100, 23],
    [16, 64, 22],
    [16, 65, 23],
    [16, 1000, 26],
    [8, 2, 9],
    [2, 1, 2],
  ])('of %i value bits for %i participants has %i bits', (valueBits, maximumCohort, bits) => {
    expect(ringPlan({ ...REQUEST, valueBits, maximumCohort })).toMatchObject({ bits });
  });

  it('makes a step of bound / levels', () => {
    expect(ringPlan({ ...REQUEST, bound: 2 })).toEqual({
      kind: 'possible',
      bits: 23,
      levels: 32_767,
      step: 2 / 32_767,
    });
  });

  it('that would need more than 32 bits is impossible, and the message says what would be possible', () => {
    const plan = ringPlan({ ...REQUEST, valueBits: 24, maximumCohort: 1000 });
    expect(plan).toEqual({
      kind: 'impossible',
      message:
        'sums of 1000 values of 24 bits need a ring of 34 bits, and 32 is the most; possible: ' +
        '22 value bits for 1000 participants, 24 value bits for 256 participants',
    });
    expect(ringPlan({ ...REQUEST, valueBits: 22, maximumCohort: 1000 }).kind).toBe('possible');
    expect(ringPlan({ ...REQUEST, valueBits: 24, maximumCohort: 256 }).kind).toBe('possible');
    expect(ringPlan({ ...REQUEST, valueBits: 24, maximumCohort: 257 }).kind).toBe('impossible');
  });
});

describe('a probabilistic ring', () => {
  it.each([
    [100, 22, 23],
    [1000, 24, 26],
    [1, 16, 16],
  ])('for %i participants has %i bits where the proven one has %i', (maximumCohort, bits, proven) => {
    expect(ringPlan({ ...REQUEST, maximumCohort, ring: 'probabilistic' })).toMatchObject({ bits });
    expect(ringPlan({ ...REQUEST, maximumCohort })).toMatchObject({ bits: proven });
  });

  it("keeps Hoeffding's bound of wrapped elements at most 0.1, and is never wider than the proven one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 1e8 }),
        (valueBits, maximumCohort, length) => {
          const request = { ...REQUEST, valueBits, maximumCohort, length };
          const plan = ringPlan({ ...request, ring: 'probabilistic' });
          const proven = ringPlan(request);
          if (plan.kind === 'impossible' || proven.kind === 'impossible')
            throw new Error('both are possible');
          expect(plan.bits).toBeLessThanOrEqual(proven.bits);
          if (plan.bits === proven.bits) return;
          const edge = 2 ** (plan.bits - 1);
          const wraps = 2 * Math.exp(-(edge ** 2) / (2 * maximumCohort * plan.levels ** 2));
          expect(wraps * length).toBeLessThanOrEqual(0.1);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('does not wrap when 1,000 participants hold the largest value with signs of their own', () => {
    const plan = ringPlan({ ...REQUEST, maximumCohort: 1000, length: 1000, ring: 'probabilistic' });
    if (plan.kind === 'impossible') throw new Error(plan.message);
    // A linear congruential generator: what is shown is the size of random sums, not the quality of the signs.
    let state = 12_345;
    let largest = 0;
    for (let element = 0; element < 1000; element += 1) {
      let sum = 0;
      for (let i = 0; i < 1000; i += 1) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        sum += state >= 2 ** 31 ? plan.levels : -plan.levels;
      }
      largest = Math.max(largest, Math.abs(sum));
    }
    expect(largest).toBeLessThan(2 ** (plan.bits - 1));
    // And the assumption matters: should all agree, it wraps.
    expect(1000 * plan.levels).toBeGreaterThan(2 ** (plan.bits - 1));
  });
});
