import {
  ditherOf,
  philoxWords,
  quantise,
  type Rounding,
  ringFillOf,
  subtractDither,
  tunedStep,
  wrapAlarm,
} from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalTail, normalTailQuantile } from '../../src/additive/normal-tail.ts';
import { SEVERE_RMS } from '../../src/additive/wrap-alarm.ts';

const SEED = new Uint8Array(32).fill(1);

describe('the tail of the normal distribution', () => {
  it.each([
    // Abramowitz and Stegun 1964, table 26.1, doubled.
    [2, 0.0455002638963584],
    [3, 0.00269979606326019],
    [4, 6.33424836662398e-5],
    [5, 5.73303143758389e-7],
  ])('beyond %d standard deviations is %d', (k, probability) => {
    expect(normalTail(k) / probability).toBeCloseTo(1, 10);
    expect(normalTailQuantile(probability)).toBeCloseTo(k, 9);
  });
});

describe('the step of a tuned ring', () => {
  it.each([
    [8, 100, 'stochastic', 0.022],
    [8, 100, 'dithered', 0.013],
    [10, 100, 'stochastic', 0.0022],
    [10, 100, 'dithered', 0.0013],
  ] as const)(
    'for %i bits and %i members, %s, has at most %d of error',
    (ringBits, cohort, rounding, most) => {
      const tuned = tunedStep({ ringBits, cohort, sumRms: 0.3, wrapProbability: 1e-5, rounding });
      if (tuned.kind === 'impossible') throw new Error(tuned.message);
      expect(tuned.expectedNmse).toBeLessThanOrEqual(most);
    },
  );

  it.each([
    [8, 20, 'stochastic', 1e-5],
    [8, 20, 'dithered', 1e-5],
    [6, 10, 'stochastic', 1e-3],
    [6, 10, 'dithered', 1e-3],
  ] as const)('of %i bits and %i members, %s, leaves the error that it expects', (...plan) => {
    const [ringBits, cohort, rounding, wrapProbability] = plan;
    const sumRms = 0.4;
    const tuned = tunedStep({ ringBits, cohort, sumRms, wrapProbability, rounding });
    if (tuned.kind === 'impossible') throw new Error(tuned.message);
    const { nmse } = measured({ ringBits, cohort, rounding, sumRms, step: tuned.step });
    expect(nmse / tuned.expectedNmse).toBeGreaterThan(0.9);
    expect(nmse / tuned.expectedNmse).toBeLessThan(1.1);
    expect(tuned.wrapProbability).toBeLessThanOrEqual(wrapProbability);
  });

  it('is proportional to the sum', () => {
    const request = { ringBits: 8, cohort: 50, wrapProbability: 1e-6, rounding: 'stochastic' } as const;
    const [one, ten] = [1, 10].map((sumRms) => tunedStep({ ...request, sumRms }));
    if (one?.kind !== 'possible' || ten?.kind !== 'possible') throw new Error('possible');
    expect(ten.step / one.step).toBeCloseTo(10, 9);
  });

  it('is refused with numbers that work when they are tried, and of which the next one does not', () => {
    const requests = fc.record({
      ringBits: fc.integer({ min: 2, max: 12 }),
      cohort: fc.integer({ min: 1, max: 1_000_000 }),
      sumRms: fc.constant(1),
      wrapProbability: fc.constantFrom(1e-12, 1e-5, 0.01),
      rounding: fc.constantFrom<Rounding>('stochastic', 'dithered'),
    });
    fc.assert(
      fc.property(requests, (request) => {
        const answer = tunedStep(request);
        if (answer.kind === 'possible') return;
        const kindOf = (change: object) => tunedStep({ ...request, ...change }).kind;
        const { ringBits, cohort } = answer;
        expect(ringBits).toBeDefined();
        expect(kindOf({ ringBits })).toBe('possible');
        expect(kindOf({ ringBits: ringBits! - 1 })).toBe('impossible');
        expect(answer.message).toContain(`${ringBits} bits for ${request.cohort} participants`);
        if (cohort === undefined) {
          expect(kindOf({ cohort: 1 })).toBe('impossible');
          return;
        }
        expect(kindOf({ cohort })).toBe('possible');
        expect(kindOf({ cohort: cohort + 1 })).toBe('impossible');
        expect(answer.message).toContain(`${request.ringBits} bits for ${cohort} participants`);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the wrap alarm', () => {
  const plan = { ringBits: 8, cohort: 20, wrapProbability: 1e-5, rounding: 'stochastic' } as const;
  const tuned = tunedStep({ ...plan, sumRms: 1 });
  if (tuned.kind === 'impossible') throw new Error(tuned.message);
  const planned = { ringBits: plan.ringBits, standardDeviations: tuned.standardDeviations };

  it('is quiet in sums as wide as planned, of any length', () => {
    // Once in a million sums it would not be; 200 are looked at.
    for (let sum = 0; sum < 200; sum += 1) {
      const length = [40, 300, 2000][sum % 3]!;
      const fill = ringFillOf(wrappedNormal(length, 128 / tuned.standardDeviations, 8, sum), 8);
      expect(wrapAlarm(fill, planned)).toBe('quiet');
    }
  });

  it('is heard in sums half as wide again, and severe in sums of which more than three in a hundred have wrapped', () => {
    for (let sum = 0; sum < 20; sum += 1) {
      const sigma = 128 / tuned.standardDeviations;
      const wide = ringFillOf(wrappedNormal(20_000, 1.5 * sigma, 8, sum), 8);
      expect(wrapAlarm(wide, planned)).toBe('alarm');
      const wrapped = wrappedNormal(20_000, 128 / 2, 8, sum);
      expect(wrapAlarm(ringFillOf(wrapped, 8), planned)).toBe('severe');
      // Everything wrapped, many times over: uniform.
      expect(wrapAlarm(ringFillOf(wrappedNormal(20_000, 5000, 8, sum), 8), planned)).toBe('severe');
    }
  });

  it('takes as severe what a wrapped normal sum has when three elements in a hundred wrapped', () => {
    const sigma = 1 / normalTailQuantile(0.03);
    let [squares, weights] = [0, 0];
    for (let z = -4; z < 4; z += 1e-4) {
      const weight = Math.exp(-((z / sigma) ** 2) / 2);
      squares += weight * (z - 2 * Math.floor((z + 1) / 2)) ** 2;
      weights += weight;
    }
    expect(SEVERE_RMS).toBeCloseTo(Math.sqrt(squares / weights), 4);
  });

  it('counts what is near either edge', () => {
    expect(ringFillOf([116, -116, 115, 0], 8)).toEqual({
      elements: 4,
      nearEdge: 2,
      rms: Math.sqrt((2 * 116 ** 2 + 115 ** 2) / 4),
    });
    expect(ringFillOf([], 8)).toEqual({ elements: 0, nearEdge: 0, rms: 0 });
  });
});

interface Trial {
  readonly ringBits: number;
  readonly cohort: number;
  readonly rounding: Rounding;
  readonly sumRms: number;
  readonly step: number;
}

/** Of a sum of members' normal values, coded modulo 2^b and decoded. */
function measured({ ringBits, cohort, rounding, sumRms, step }: Trial): { nmse: number } {
  const length = 30_000;
  const [exact, codes] = [new Float64Array(length), new Int32Array(length)];
  const streams = Array.from({ length: cohort }, (_, member) => member);
  for (const member of streams) {
    const values = Float32Array.from(normal(length, 1000 + member), (x) => (x * sumRms) / Math.sqrt(cohort));
    const random = rounding === 'dithered' ? ditherOf(SEED, member) : philoxWords(SEED, 500 + member);
    const code = quantise(values, { plan: { step, levels: null }, scale: 1, random });
    for (let i = 0; i < length; i += 1) {
      exact[i]! += values[i]!;
      codes[i]! += code[i]!;
    }
  }
  const unused = 32 - ringBits;
  const decoded = Float64Array.from(codes, (code) => (code << unused) >> unused);
  if (rounding === 'dithered') subtractDither(decoded, { seed: SEED, streams, bits: ringBits });
  let [error, energy] = [0, 0];
  for (let i = 0; i < length; i += 1) {
    error += (decoded[i]! * step - exact[i]!) ** 2;
    energy += exact[i]! ** 2;
  }
  return { nmse: error / energy };
}

function wrappedNormal(length: number, sigma: number, bits: number, stream: number): Float64Array {
  const modulus = 2 ** bits;
  return normal(length, stream).map((x) => {
    const value = Math.round(x * sigma);
    return value - modulus * Math.floor(value / modulus + 0.5);
  });
}

/** Box and Muller 1958. */
function normal(length: number, stream: number): Float64Array {
  const words = new Uint32Array(2 * length);
  philoxWords(SEED, stream).fill(words);
  return Float64Array.from({ length }, (_, i) => {
    const radius = Math.sqrt(-2 * Math.log((words[2 * i]! + 1) / 2 ** 32));
    return radius * Math.cos((2 * Math.PI * words[2 * i + 1]!) / 2 ** 32);
  });
}
