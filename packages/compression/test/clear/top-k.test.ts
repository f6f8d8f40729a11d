import {
  type ClearContext,
  type ClearPlanLike,
  type CodecMemory,
  decodeClear,
  encodeClear,
  withResidual,
} from '@tributary/compression';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indicesOfLargest } from '../../src/clear/largest.ts';
import { keptCount } from '../../src/clear/top-k.ts';
import { normal, seeded } from './samples.ts';

type TopK = Extract<ClearPlanLike, { codec: 'top-k' }>;
const OFF = { mode: 'off' } as const;
const ON = { mode: 'on', expiresAfterRounds: 20 } as const;
const PLAN: TopK = {
  codec: 'top-k',
  fraction: 0.01,
  valueBits: 8,
  momentum: 0,
  warmUpRounds: 0,
  feedback: ON,
};

describe('the largest values', () => {
  it('are those that sorting finds, of equal ones the first, and never a zero', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, 1, -1, 1)),
        ),
        fc.nat({ max: 40 }),
        (values, count) => {
          const sorted = values
            .map((value, index) => ({ magnitude: Math.abs(value), index }))
            .filter(({ magnitude }) => magnitude > 0)
            .sort((a, b) => b.magnitude - a.magnitude || a.index - b.index)
            .slice(0, count)
            .map(({ index }) => index)
            .sort((a, b) => a - b);
          expect([...indicesOfLargest(Float32Array.from(values), count)]).toEqual(sorted);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('may lie in a part of a larger array', () => {
    const values = Float32Array.of(9, 1, -3, 2, 9).subarray(1, 4);
    expect([...indicesOfLargest(values, 2)]).toEqual([1, 2]);
  });
});

describe('top-k', () => {
  it('keeps the largest, each within half a level between the least and the greatest of them', () => {
    const values = normal(10_000, 3);
    for (const valueBits of [2, 3, 5, 8]) {
      const { decoded } = encodeClear(values, { ...PLAN, valueBits }, contextFor(values.length));
      const kept = indicesOfLargest(values, 100);
      const magnitudes = [...kept].map((index) => Math.abs(values[index]!));
      const level = (Math.max(...magnitudes) - Math.min(...magnitudes)) / (2 ** (valueBits - 1) - 1);
      for (const index of kept) {
        expect(Math.abs(decoded[index]! - values[index]!)).toBeLessThanOrEqual(level / 2 + 1e-6);
      }
      expect(decoded.filter((value) => value !== 0)).toHaveLength(100);
    }
  });

  it('costs at 1 % and 8 bits a value less than 16.3 bits each, and 14 bytes', () => {
    const values = normal(2 ** 20, 4);
    const { bytes } = encodeClear(values, PLAN, contextFor(values.length));
    expect((bytes.length - 14) * 8).toBeLessThan(16.3 * 10_486);
  });

  it('loses nothing with feedback: what was decoded and what waits are all that was put in', () => {
    const length = 2000;
    const rounds = 60;
    const { decoded, memory, put } = transmit(PLAN, length, rounds);
    for (let i = 0; i < length; i += 1) {
      // Two additions of float32 a round, of values below 64.
      expect(Math.abs(decoded[i]! + memory!.residual[i]! - put[i]!)).toBeLessThan(rounds * 2 ** -17);
    }
  });

  it('reaches every coordinate in time with feedback, and most of them never without', () => {
    const length = 1000;
    const plan: TopK = { ...PLAN, fraction: 0.05 };
    // The same delta in each round, so that the largest are always the same.
    const constant = normal(length, 5);
    const reached = (feedback: TopK['feedback']) =>
      transmit({ ...plan, feedback }, length, 200, () => constant).decoded.filter((value) => value !== 0)
        .length;
    expect(reached(OFF)).toBe(50);
    expect(reached(ON)).toBeGreaterThan(900);
  });

  it('rounds without bias when nothing is kept of what is lost', () => {
    const length = 20_000;
    const values = Float32Array.from({ length }, (_, i) => (i === 0 ? 1 : i === 1 ? 2 : 1.3));
    const plan: TopK = { ...PLAN, fraction: 1, valueBits: 3, feedback: OFF };
    const { decoded } = encodeClear(values, plan, contextFor(length));
    const mean = decoded.subarray(2).reduce((sum, value) => sum + value, 0) / (length - 2);
    // Levels 1/3 apart; 1.3 is 0.9 of one above 1. Four standard errors: a false alarm in 16,000 seeds.
    expect(Math.abs(mean - 1.3)).toBeLessThan((4 * (1 / 3) * Math.sqrt(0.9 * 0.1)) / Math.sqrt(length));
  });

  it.each([OFF, ON])('decodes to what the device reads back, bit for bit, with feedback %o', (feedback) => {
    fc.assert(
      fc.property(
        fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 300 }),
        fc.integer({ min: 2, max: 8 }),
        fc.constantFrom(0.01, 0.1, 0.5, 1),
        fc.constantFrom(0, 0.9),
        (values, valueBits, fraction, momentum) => {
          const plan: TopK = { ...PLAN, valueBits, fraction, momentum, feedback };
          const { bytes, decoded } = encodeClear(values, plan, contextFor(values.length));
          expect(decodeClear(bytes, plan, contextFor(values.length))).toEqual(decoded);
          expect(decoded.every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('momentum of what waits', () => {
  it('follows equation 4 of the paper, with momentum factor masking', () => {
    const length = 300;
    const momentum = 0.9;
    const plan: TopK = { ...PLAN, fraction: 0.1, momentum };
    const deltas = Array.from({ length: 30 }, (_, t) => normal(length, 100 + t));
    // Algorithm 4 of the appendix, in double precision, but for the rounding of values, which is taken over.
    const u = new Float64Array(length);
    const v = new Float64Array(length);
    let memory: CodecMemory | null = null;
    deltas.forEach((delta, t) => {
      for (let i = 0; i < length; i += 1) {
        u[i] = momentum * u[i]! + delta[i]!;
        v[i] = v[i]! + u[i]!;
      }
      const context = { ...contextFor(length), roundNumber: t + 1, feedback: memory };
      const carried = withResidual(delta, memory, { roundNumber: t + 1, expiresAfterRounds: 20 });
      for (let i = 0; i < length; i += 1) expect(carried[i]).toBeCloseTo(v[i]!, 3);
      const code = encodeClear(carried, plan, context);
      for (let i = 0; i < length; i += 1) {
        v[i] = v[i]! - code.decoded[i]!;
        if (code.decoded[i] !== 0) u[i] = 0;
      }
      memory = code.memory;
    });
  });

  it('begins anew when the residual has expired', () => {
    const plan: TopK = { ...PLAN, fraction: 0.1, momentum: 0.9 };
    const delta = normal(100, 6);
    const old = encodeClear(normal(100, 7), plan, contextFor(100)).memory;
    const late = { ...contextFor(100), roundNumber: 22, feedback: old };
    const never = { ...late, feedback: null };
    expect(encodeClear(delta, plan, late)).toEqual(encodeClear(delta, plan, never));
  });
});

describe('a warm-up', () => {
  it('lets the share fall exponentially from a quarter: of four rounds to 1/1024, a quarter of the last each time', () => {
    const plan = { ...PLAN, fraction: 2 ** -10, warmUpRounds: 4 };
    const counts = [0, 1, 2, 3, 4, 5].map((round) => keptCount(plan, 2 ** 20, round));
    expect(counts).toEqual([2 ** 18, 2 ** 16, 2 ** 14, 2 ** 12, 2 ** 10, 2 ** 10]);
  });

  it('has no effect where more than a quarter is kept, and keeps one coordinate at least', () => {
    expect(keptCount({ ...PLAN, fraction: 0.5, warmUpRounds: 9 }, 100, 0)).toBe(50);
    expect(keptCount({ ...PLAN, fraction: 1e-9 }, 100, 0)).toBe(1);
    expect(keptCount(PLAN, 0, 0)).toBe(0);
  });

  it('is decoded without knowing the round', () => {
    const plan: TopK = { ...PLAN, warmUpRounds: 10 };
    const values = normal(1000, 8);
    const { bytes, decoded } = encodeClear(values, plan, { ...contextFor(1000), committedRounds: 1 });
    expect(decoded.filter((value) => value !== 0).length).toBeGreaterThan(150);
    expect(decodeClear(bytes, plan, contextFor(1000))).toEqual(decoded);
  });
});

describe('a top-k code', () => {
  it('has these bytes', () => {
    const values = Float32Array.of(0, -4, 0, 0.5, 0, 1, 2.5, 0);
    const { bytes } = encodeClear(values, { ...PLAN, fraction: 0.375, valueBits: 4 }, contextFor(8));
    // 4 bits, 3 values, 1 to 4: -7 levels, 0, 3.5 levels up; indices 1, 5, 6 as a bitmap.
    expect(Buffer.from(bytes).toString('hex')).toBe(
      ['04', '03000000', '0000803f', '00008040', '0f04', '0062'].join(''),
    );
  });

  it.each([
    ['of a zero update', new Float32Array(9)],
    ['of no parameters', new Float32Array(0)],
  ])('%s keeps nothing', (_, values) => {
    const { bytes, decoded } = encodeClear(values, PLAN, contextFor(values.length));
    expect(bytes).toHaveLength(6);
    expect(decoded).toEqual(values);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('is refused to %d', (bad) => {
    const encode = () => encodeClear(Float32Array.of(1, bad), PLAN, contextFor(2));
    expect(encode).toThrow(expect.objectContaining({ code: 'codec-not-finite' }));
  });

  it.each([
    ['nothing', () => new Uint8Array(0)],
    ['another number of bits', (bytes: Uint8Array) => changed(bytes, 0, 7)],
    ['more coordinates than the plan keeps', (bytes: Uint8Array) => changed(bytes, 1, 0xff)],
    ['a promise of four thousand million coordinates', (bytes: Uint8Array) => changed(bytes, 4, 0xff)],
    ['a least magnitude above the greatest', (bytes: Uint8Array) => changed(bytes, 8, 0x7f)],
    ['an infinite magnitude', (bytes: Uint8Array) => changed(changed(bytes, 12, 0x7f), 11, 0x80)],
    ['a negative magnitude', (bytes: Uint8Array) => changed(bytes, 8, 0xbf)],
    ['a cut-off end', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['a byte more', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
  ])('with %s is malformed', (_, damage) => {
    const plan: TopK = { ...PLAN, fraction: 0.5 };
    const { bytes } = encodeClear(normal(10, 9), plan, contextFor(10));
    expect(() => decodeClear(damage(bytes), plan, contextFor(10))).toThrow(
      expect.objectContaining({ code: 'codec-malformed' }),
    );
  });
});

it('a top-k code with bits behind the last value is malformed', () => {
  const plan: TopK = { ...PLAN, fraction: 0.1, valueBits: 3 };
  const { bytes } = encodeClear(normal(10, 9), plan, contextFor(10));
  const lastValue = 13;
  expect(() => decodeClear(changed(bytes, lastValue, bytes[lastValue]! | 8), plan, contextFor(10))).toThrow(
    'bits behind the last value',
  );
});

function transmit(plan: TopK, length: number, rounds: number, deltaOf = (t: number) => normal(length, t)) {
  const put = new Float64Array(length);
  const decoded = new Float64Array(length);
  let memory: CodecMemory | null = null;
  for (let t = 1; t <= rounds; t += 1) {
    const delta = deltaOf(t);
    const carried: Float32Array = withResidual(delta, memory, { roundNumber: t, expiresAfterRounds: 20 });
    const code = encodeClear(carried, plan, { ...contextFor(length), roundNumber: t, feedback: memory });
    for (let i = 0; i < length; i += 1) {
      put[i] = put[i]! + delta[i]!;
      decoded[i] = decoded[i]! + code.decoded[i]!;
    }
    memory = code.memory;
  }
  return { put, decoded, memory };
}

function contextFor(length: number): ClearContext {
  return {
    shapes: [[length]],
    seed: new Uint8Array(32),
    random: seeded(1),
    roundNumber: 1,
    committedRounds: 0,
    feedback: null,
  };
}

function changed(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = byte;
  return copy;
}
