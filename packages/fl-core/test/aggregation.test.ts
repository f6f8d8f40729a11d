import {
  applyServerOptimiser,
  type BlobHash,
  blobHashOf,
  type ClientId,
  checkUpdate,
  createAggregator,
  decodeOptimiserState,
  encodeFrame,
  encodeOptimiserState,
  errorCodeOf,
  initialOptimiserState,
  integerBelow,
  openRoundSum,
  type ParameterSet,
  plainSha256,
  type RoundCode,
  type Survivor,
  seededRandom,
  shuffle,
  standardNormal,
  weightOf,
} from '@tributary/fl-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallManifest } from './manifests.ts';

const SHAPES = [[4, 2], [2]];
const ROUND: RoundCode = { seed: new Uint8Array(32), encoding: null };
const manifest = smallManifest();
const updateArbitrary = fc
  .array(fc.float({ min: -32, max: 32, noNaN: true }), { minLength: 10, maxLength: 10 })
  .map((values): ParameterSet => ({ shapes: SHAPES, values: new Float32Array(values) }));
const reportsArbitrary = fc.array(
  fc.record({ update: updateArbitrary, exampleCount: fc.integer({ min: 1, max: 20_000 }) }),
  { minLength: 1, maxLength: 4 },
);

const survivor = (index: number, exampleCount: number): Survivor => ({
  clientId: String(index).padStart(32, '0') as ClientId,
  updateHash: String(index).padStart(64, '0') as BlobHash,
  exampleCount,
});

describe('federated averaging', () => {
  it('[A-1] arrival order cannot change a bit', () => {
    fc.assert(
      fc.property(reportsArbitrary, fc.string(), (reports, seed) => {
        const inOrder = meanOf(reports);
        const shuffled = meanOf(shuffle([...reports], seededRandom(seed)));
        expect(new Uint8Array(shuffled.buffer)).toEqual(new Uint8Array(inOrder.buffer));
      }),
    );
  });

  it('[A-1] holds where plain float32 addition would not', () => {
    const values = [1e-3, 31.9, -31.9, 3e-4].map((value) => ({
      update: { shapes: SHAPES, values: new Float32Array(10).fill(value) },
      exampleCount: 10_000,
    }));
    const naive = (reports: typeof values) => {
      const sum = new Float32Array(1);
      for (const report of reports) sum[0]! += report.update.values[0]! * report.exampleCount;
      return sum[0];
    };
    expect(naive(values)).not.toBe(naive([...values].reverse()));
    expect(meanOf(values)).toEqual(meanOf([...values].reverse()));
  });

  it('[A-2] equals exact rational arithmetic on BigInt', () => {
    fc.assert(
      fc.property(reportsArbitrary, (reports) => {
        const mean = meanOf(reports);
        // valueBound 32 and 4 x 10,000 of weight leave 30 fractional bits, the maximum.
        const weights = reports.map((report) => BigInt(Math.min(report.exampleCount, 10_000)));
        const total = weights.reduce((a, b) => a + b);
        for (let i = 0; i < 10; i += 1) {
          const sum = reports.reduce(
            (acc, report, k) => acc + weights[k]! * BigInt(roundToEven(report.update.values[i]! * 2 ** 30)),
            0n,
          );
          expect(mean[i]).toBe(Number(sum) / (2 ** 30 * Number(total)));
        }
      }),
    );
  });

  it('[A-2] is the weighted mean of the updates within one unit in the last place of the fixed point', () => {
    fc.assert(
      fc.property(reportsArbitrary, (reports) => {
        const mean = meanOf(reports);
        const total = reports.reduce((sum, report) => sum + Math.min(report.exampleCount, 10_000), 0);
        for (let i = 0; i < 10; i += 1) {
          const expected =
            reports.reduce((s, r) => s + Math.min(r.exampleCount, 10_000) * r.update.values[i]!, 0) / total;
          expect(Math.abs(mean[i]! - expected)).toBeLessThan(2 ** -29);
        }
      }),
    );
  });

  it('[A-6] a sum that grows as updates arrive, in any order and more than once, is the sum of each once', () => {
    fc.assert(
      fc.property(reportsArbitrary, fc.string(), fc.integer({ min: 0, max: 6 }), (reports, seed, extra) => {
        const survivors = reports.map(({ exampleCount }, index) => survivor(index, exampleCount));
        const random = seededRandom(seed);
        const arrivals = [...reports.keys()].concat(
          Array.from({ length: extra }, () => integerBelow(random, reports.length)),
        );
        const sum = openRoundSum(manifest, SHAPES, ROUND);
        const added = shuffle(arrivals, random).map((index) =>
          sum.fold(survivors[index]!, reports[index]!.update),
        );
        expect(added.filter(Boolean)).toHaveLength(reports.length);
        expect(survivors.every(sum.has)).toBe(true);
        expect(new Uint8Array(sum.mean().buffer)).toEqual(new Uint8Array(meanOf(reports).buffer));
      }),
    );
  });

  it('[A-6] a sum knows that it holds an update of somebody else, or another update', () => {
    const sum = openRoundSum(manifest, SHAPES, ROUND);
    const update = { shapes: SHAPES, values: new Float32Array(10) };
    const [one, two] = [survivor(1, 5), survivor(2, 5)];
    sum.fold(one, update);
    expect(sum.isOnlyOf([one, two])).toBe(true);
    expect(sum.isOnlyOf([two])).toBe(false);
    const another = { ...one, updateHash: 'f'.repeat(64) as BlobHash };
    expect(sum.fold(another, update)).toBe(false);
    expect([sum.has(one), sum.has(another), sum.isOnlyOf([another])]).toEqual([true, false, false]);
  });

  it('[A-3] weighs by examples up to the maximum, or equally', () => {
    expect(weightOf(600, manifest.aggregation)).toBe(600);
    expect(weightOf(1_000_000, manifest.aggregation)).toBe(10_000);
    expect(weightOf(600, { ...manifest.aggregation, weighting: 'equal' })).toBe(1);
  });

  it('[A-3] refuses more weight than the plan allows', () => {
    const aggregator = createAggregator(manifest, SHAPES);
    const update = { shapes: SHAPES, values: new Float32Array(10) };
    for (let i = 0; i < 4; i += 1) aggregator.add(update, 10_000);
    expect(() => aggregator.add(update, 1)).toThrow('more weight');
  });
});

describe('server optimisers', () => {
  const random = seededRandom('server-optimiser');
  const size = 50;
  const means = Array.from({ length: 20 }, () =>
    Float64Array.from({ length: size }, () => standardNormal(random)),
  );
  const start = {
    shapes: [[size]],
    values: Float32Array.from({ length: size }, () => standardNormal(random)),
  };

  it.each([
    { kind: 'sgd', learningRate: 1, momentum: 0 },
    { kind: 'sgd', learningRate: 0.5, momentum: 0.9 },
    { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 1e-3 },
  ] as const)('[A-4] %o follows its published recursion for 20 rounds', (spec) => {
    let parameters: ParameterSet = start;
    let state = initialOptimiserState(spec, size);
    const reference = Array.from(start.values);
    const m = new Array<number>(size).fill(0);
    const v = new Array<number>(size).fill(0);
    for (const mean of means) {
      ({ parameters, state } = applyServerOptimiser(spec, { parameters, mean, state }));
      state = decodeOptimiserState(encodeOptimiserState(state));
      for (let i = 0; i < size; i += 1) {
        if (spec.kind === 'sgd') {
          m[i] = spec.momentum * m[i]! + mean[i]!;
          reference[i] = reference[i]! + spec.learningRate * m[i]!;
        } else {
          m[i] = spec.beta1 * m[i]! + (1 - spec.beta1) * mean[i]!;
          v[i] = spec.beta2 * v[i]! + (1 - spec.beta2) * mean[i]! ** 2;
          reference[i] = reference[i]! + (spec.learningRate * m[i]!) / (Math.sqrt(v[i]!) + spec.tau);
        }
      }
    }
    const worst = Math.max(...reference.map((value, i) => Math.abs(value - parameters.values[i]!)));
    expect(worst).toBeLessThan(2e-5);
    expect(worst).toBeGreaterThan(0);
  });

  it('[A-4] learning rate 1 without momentum is plain averaging', () => {
    const spec = { kind: 'sgd', learningRate: 1, momentum: 0 } as const;
    const state = initialOptimiserState(spec, size);
    const next = applyServerOptimiser(spec, { parameters: start, mean: means[0]!, state });
    expect(next.parameters.values).toEqual(start.values.map((value, i) => value + means[0]![i]!));
  });

  it('[A-4] a torn optimiser state is refused', () => {
    const bytes = encodeOptimiserState({ kind: 'sgd', velocity: new Float64Array(3) });
    expect(() => decodeOptimiserState(bytes.subarray(0, 13))).toThrow('not an optimiser state');
  });
});

describe('the numeric door', () => {
  const good = new Float32Array(10).fill(0.5);
  const check = (values: Float32Array, options: object = {}) => {
    const bytes = encodeFrame({ shapes: SHAPES, values }, plainSha256);
    try {
      checkUpdate(bytes, {
        manifest,
        shapes: SHAPES,
        round: ROUND,
        clientId: survivor(0, 1).clientId,
        sha256: plainSha256,
        ...options,
      });
    } catch (error) {
      return errorCodeOf(error);
    }
    return 'accepted';
  };
  const withValue = (value: number) => Float32Array.from(good, (v, i) => (i === 7 ? value : v));

  it.each([
    [Number.NaN, 'update-not-finite'],
    [Number.POSITIVE_INFINITY, 'update-not-finite'],
    [Number.NEGATIVE_INFINITY, 'update-not-finite'],
    [1e38, 'update-out-of-range'],
    [-32.001, 'update-out-of-range'],
    [32, 'accepted'],
    [-32, 'accepted'],
  ])('[A-5] a coordinate of %d: %s', (value, outcome) => {
    expect(check(withValue(value))).toBe(outcome);
  });

  it('[A-5] refuses what was not announced', () => {
    const bytes = encodeFrame({ shapes: SHAPES, values: good }, plainSha256);
    const announced = { exampleCount: 1, updateHash: blobHashOf(bytes), updateBytes: bytes.length };
    expect(check(good, { announced })).toBe('accepted');
    expect(check(good, { announced: { ...announced, updateBytes: 1 } })).toBe('frame-length');
    expect(check(withValue(1), { announced })).toBe('update-hash-mismatch');
  });

  it('[A-5] refuses an update longer than the clipping norm', () => {
    const clipped = { ...manifest, privacy: { mode: 'none', clippingNorm: 1.5 } };
    expect(check(good, { manifest: clipped })).toBe('update-out-of-range');
    expect(check(new Float32Array(10).fill(0.47), { manifest: clipped })).toBe('accepted');
  });
});

function meanOf(reports: readonly { update: ParameterSet; exampleCount: number }[]): Float64Array {
  const aggregator = createAggregator(manifest, SHAPES);
  for (const report of reports) aggregator.add(report.update, report.exampleCount);
  return aggregator.mean();
}

/** Slow and plain: IEEE 754's default rounding, to an integer. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}
