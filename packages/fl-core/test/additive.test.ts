/** Additive updates: their frame, their sum, their door. */
import {
  type AdditiveUpdate,
  additiveCode,
  additiveFrame,
  type BlobHash,
  blobHashOf,
  type CheckedUpdate,
  type ClientId,
  checkUpdate,
  decodeRingFrame,
  encodeRingFrame,
  errorCodeOf,
  openRoundSum,
  parseManifest,
  plainSha256,
  type RandomSource,
  type RunId,
  ringFrameLength,
  roundCode,
  type Survivor,
  seededRandom,
  shuffle,
  sumPlan,
  sumTask,
  type TailEvaluation,
  type TaskManifest,
  type TaskManifestInput,
  unitInterval,
} from '@tributary/fl-core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SMALL_MANIFEST } from './manifests.ts';
import { MODEL } from './rounds.ts';

const SHAPES = [[4, 2], [2]];
const LENGTH = 10;
const QUANTISED = { codec: 'quantised', valueBits: 12, bound: 0.5 } as const;

const manifestWith = (changes: Partial<TaskManifestInput> = {}): TaskManifest =>
  parseManifest({
    ...SMALL_MANIFEST,
    rounds: { committedRounds: 3, reportGoal: 8, overSelection: 1, minimumSurvivors: 4 },
    aggregation: { maximumWeight: 100, serverOptimiser: { kind: 'sgd' } },
    compression: QUANTISED,
    ...changes,
  });
const clear = manifestWith();
const masked = manifestWith({ secureAggregation: { mode: 'sa-1' } });
const ROUND = roundCode({ runId: 'run-a' as RunId, roundNumber: 1, modelHash: MODEL, encoding: null });
const plan = sumPlan(clear, SHAPES, null);

const wordsFrom = (random: RandomSource) => ({
  fill(words: Uint32Array) {
    for (let i = 0; i < words.length; i += 1) words[i] = random.nextUint32();
  },
});

function updateOf(
  delta: Float32Array,
  exampleCount: number,
  options: {
    manifest?: TaskManifest;
    evaluation?: TailEvaluation | null;
    seed?: string;
    clientId?: ClientId;
  } = {},
): AdditiveUpdate {
  const { manifest = clear, evaluation = null, seed = 's', clientId = survivor(0).clientId } = options;
  const random = wordsFrom(seededRandom(seed));
  const common = { manifest, shapes: SHAPES, round: ROUND, clientId };
  return additiveCode(delta, { ...common, exampleCount, evaluation, random }).update;
}

const frameOf = (update: AdditiveUpdate, manifest = clear): Uint8Array =>
  additiveFrame(update, { manifest, shapes: SHAPES, round: ROUND });

const checked = (frame: Uint8Array, options: { manifest?: TaskManifest; exampleCount?: number } = {}) => {
  const { manifest = clear, exampleCount } = options;
  const announced = {
    updateHash: blobHashOf(frame),
    updateBytes: frame.length,
    ...(exampleCount !== undefined && { exampleCount }),
  };
  return checkUpdate(frame, {
    manifest,
    shapes: SHAPES,
    round: ROUND,
    clientId: survivor(0).clientId,
    sha256: plainSha256,
    announced,
  });
};

function outcome(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    return errorCodeOf(error);
  }
  return 'accepted';
}

const survivor = (index: number): Survivor => ({
  clientId: String(index).padStart(32, '0') as ClientId,
  updateHash: String(index).padStart(64, '0') as BlobHash,
  exampleCount: null,
});

function summed(updates: readonly CheckedUpdate[], manifest = clear) {
  const sum = openRoundSum(manifest, SHAPES, ROUND);
  for (const [i, update] of updates.entries()) sum.fold(survivor(i), update);
  return sum;
}

const randomDelta = (random: RandomSource): Float32Array =>
  Float32Array.from({ length: LENGTH }, () => 1.4 * unitInterval(random) - 0.7);

const addends = fc
  .array(fc.record({ seed: fc.string(), exampleCount: fc.integer({ min: 1, max: 300 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((list) => list.map((one) => ({ ...one, delta: randomDelta(seededRandom(one.seed)) })));

describe('the sum of additive updates', () => {
  it('[A-7] holds every value between the two levels around weight over maximum times the clipped delta', () => {
    fc.assert(
      fc.property(addends, (list) => {
        for (const { delta, exampleCount, seed } of list) {
          const scale = Math.min(exampleCount, 100) / 100;
          const values = updateOf(delta, exampleCount, { seed })[0].signedValues();
          for (let i = 0; i < LENGTH; i += 1) {
            const exact = Math.max(-0.5, Math.min(0.5, delta[i]! * scale)) / plan.ring.step;
            expect(Math.abs(values[i]! - exact)).toBeLessThan(1);
          }
        }
      }),
    );
  });

  it('[A-7] equals plain integer arithmetic, in any order', () => {
    fc.assert(
      fc.property(addends, fc.string(), (list, seed) => {
        const updates = list.map(({ delta, exampleCount, seed: own }) => {
          const update = updateOf(delta, exampleCount, { seed: own });
          return { values: update[0].signedValues(), frame: checked(frameOf(update)) };
        });
        const weight = list.reduce((total, one) => total + Math.min(one.exampleCount, 100), 0);
        const sum = summed(updates.map(({ frame }) => frame));
        const mean = sum.mean();
        for (let i = 0; i < LENGTH; i += 1) {
          const total = updates.reduce((into, { values }) => into + BigInt(values[i]!), 0n);
          expect(mean[i]).toBe(Number(total) * ((plan.ring.step * 100) / weight));
        }
        expect(sum.tally()).toMatchObject({ count: list.length, weight });
        const reordered = shuffle([...updates.keys()], seededRandom(seed)).map((i) => updates[i]!.frame);
        expect(new Uint8Array(summed(reordered).mean().buffer)).toEqual(new Uint8Array(mean.buffer));
      }),
    );
  });

  it('[A-7] is the weighted mean within one level of the coarsest addend', () => {
    const random = seededRandom('mean');
    const list = Array.from({ length: 8 }, (_, i) => ({
      delta: randomDelta(random).map((v) => v / 2),
      exampleCount: 10 * (i + 1),
    }));
    const weight = list.reduce((total, { exampleCount }) => total + exampleCount, 0);
    const mean = summed(
      list.map(({ delta, exampleCount }) => checked(frameOf(updateOf(delta, exampleCount)))),
    ).mean();
    for (let i = 0; i < LENGTH; i += 1) {
      const exact = list.reduce((sum, one) => sum + one.exampleCount * one.delta[i]!, 0) / weight;
      expect(Math.abs(mean[i]! - exact)).toBeLessThan((8 * plan.ring.step * 100) / weight);
    }
  });

  it('[A-8] masks that cancel leave the very mean of the clear run', () => {
    const random = seededRandom('masks');
    const deltas = Array.from({ length: 4 }, () => randomDelta(random));
    const plain = summed(deltas.map((delta) => checked(frameOf(updateOf(delta, 50)))));
    const stream = wordsFrom(random);
    const masks = plan.vectors.map(({ length }) => {
      const lanes = new Uint32Array(length);
      stream.fill(lanes);
      return new Int32Array(lanes.buffer);
    });
    const frames = deltas.map((delta, i) => {
      const update = updateOf(delta, 50, { manifest: masked });
      // The first adds the masks, the last takes them off, as a pair of members does.
      const sign = i === 0 ? 1 : i === 3 ? -1 : 0;
      for (const [v, vector] of update.entries()) {
        vector.addValues(masks[v]!.map((value) => Math.imul(sign, value)));
      }
      return checked(frameOf(update, masked), { manifest: masked });
    });
    const sum = summed(frames, masked);
    expect(new Uint8Array(sum.mean().buffer)).toEqual(new Uint8Array(plain.mean().buffer));
    expect(sum.tally()).toEqual(plain.tally());
  });

  it('[A-9] adds up how the model did on held-out examples', () => {
    const update = (evaluation: TailEvaluation | null) =>
      checked(frameOf(updateOf(new Float32Array(LENGTH), 5, { evaluation })));
    const sum = summed([
      update({ exampleCount: 10, accuracy: 0.7, loss: 0.5 }),
      update(null),
      update({ exampleCount: 20, accuracy: 0.25, loss: 3 }),
      // Diverged: as bad as a loss is counted.
      update({ exampleCount: 2, accuracy: 0, loss: Number.NaN }),
    ]);
    expect(sum.tally()).toEqual({
      count: 4,
      weight: 20,
      evaluatedExamples: 32,
      evaluatedCorrect: 12,
      evaluatedLoss: 5 + 60 + 200,
    });
  });

  it('[A-9] counts of more examples than the tail has room for keep their proportions', () => {
    const evaluation = { exampleCount: 50_000_000, accuracy: 0.5, loss: 100 };
    const frames = Array.from({ length: 8 }, () =>
      checked(frameOf(updateOf(new Float32Array(LENGTH), 5, { evaluation }))),
    );
    const tally = summed(frames).tally()!;
    expect(tally.evaluatedCorrect / tally.evaluatedExamples).toBeCloseTo(0.5, 5);
    expect(tally.evaluatedLoss / tally.evaluatedExamples).toBe(100);
    expect(tally.evaluatedLoss).toBeLessThan(2 ** 31);
  });

  it('[A-9] refuses a sum whose counts are not those of its updates: masks are left in it, or somebody lied', () => {
    const update = updateOf(new Float32Array(LENGTH), 5, { manifest: masked });
    update[1].addValues(Int32Array.of(1, 0, 0, 0, 0));
    const twice = checked(frameOf(update, masked), { manifest: masked });
    expect(outcome(() => summed([twice], masked).mean())).toBe('weight-out-of-range');
    const heavy = updateOf(new Float32Array(LENGTH), 5, { manifest: masked });
    heavy[1].addValues(Int32Array.of(0, 96, 0, 0, 0));
    const frame = checked(frameOf(heavy, masked), { manifest: masked });
    expect(outcome(() => summed([frame], masked).mean())).toBe('weight-out-of-range');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    '[A-10] a delta with %d is refused before it is quantised into something finite',
    (value) => {
      const delta = new Float32Array(LENGTH).fill(0.1);
      delta[3] = value;
      expect(outcome(() => updateOf(delta, 5))).toBe('update-not-finite');
    },
  );
});

describe('[A-10] the door of clear additive updates', () => {
  const update = (change: (update: AdditiveUpdate) => void = () => {}) => {
    const made = updateOf(new Float32Array(LENGTH).fill(0.2), 40, {
      evaluation: { exampleCount: 10, accuracy: 0.5, loss: 1 },
    });
    change(made);
    return frameOf(made);
  };
  const tail = (...values: number[]) => update(([, counts]) => counts.addValues(Int32Array.from(values)));
  const element = (value: number) => update(([vector]) => vector.addValues(Int32Array.of(value), 0));

  it.each([
    ['as it should be', update(), 'accepted'],
    ['that counts twice', tail(1, 0, 0, 0, 0), 'weight-out-of-range'],
    ['of another weight than announced', tail(0, 1, 0, 0, 0), 'weight-out-of-range'],
    ['with more right than evaluated', tail(0, 0, 0, 6, 0), 'update-out-of-range'],
    ['with a loss above the most', tail(0, 0, 0, 0, 991), 'update-out-of-range'],
    ['with more evaluated than counts', tail(0, 0, plan.maximumEvaluated, 0, 0), 'update-out-of-range'],
    ['with a value above the levels', element(2048), 'update-out-of-range'],
    ['with a value below the levels', element(-3000), 'update-out-of-range'],
  ])('an update %s', (_, frame, expected) => {
    expect(outcome(() => checked(frame, { exampleCount: 40 }))).toBe(expected);
  });

  it('refuses an update longer than the clipping norm', () => {
    const clipped = (clippingNorm: number) => manifestWith({ privacy: { mode: 'none', clippingNorm } });
    // 10 values of 0.2: a norm of 0.63.
    expect(outcome(() => checked(update(), { manifest: clipped(0.64), exampleCount: 40 }))).toBe('accepted');
    expect(outcome(() => checked(update(), { manifest: clipped(0.6), exampleCount: 40 }))).toBe(
      'update-out-of-range',
    );
  });

  it('looks at nothing but the layout of a masked one', () => {
    const anything = updateOf(new Float32Array(LENGTH), 40, { manifest: masked });
    for (const vector of anything) vector.addValues(new Int32Array(vector.length).fill(0x1234567));
    expect(outcome(() => checked(frameOf(anything, masked), { manifest: masked }))).toBe('accepted');
    expect(outcome(() => checked(frameOf(anything, clear), { manifest: masked }))).toBe('frame-dtype');
  });
});

describe('[W-7] the ring frame', () => {
  const layout = { isMasked: true, length: 5, bits: 12, tailLength: 2 };
  const packed = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  packed[7] = 0x08;
  const tail = Uint8Array.of(9, 0, 0, 0, 10, 0, 0, 128);
  const frame = encodeRingFrame(layout, { packed, tail });

  it('has exactly these bytes', () => {
    const bytes = Array.from(frame, (byte) => byte.toString(16).padStart(2, '0')).join('');
    expect(bytes).toBe(
      [
        '54524252',
        '0100',
        '0100',
        '05000000',
        '0c',
        '02',
        '0000',
        '0102030405060708',
        '090000000a000080',
      ].join(''),
    );
    expect(frame.length).toBe(ringFrameLength(layout));
    expect(decodeRingFrame(frame, layout)).toEqual({ packed, tail });
  });

  it('is read wherever it lies in memory', () => {
    const shifted = new Uint8Array(frame.length + 3);
    shifted.set(frame, 3);
    expect(decodeRingFrame(shifted.subarray(3), layout)).toEqual({ packed, tail });
  });

  const changed = (at: number, value: number) => frame.map((byte, i) => (i === at ? value : byte));
  it.each([
    ['frame-length', frame.subarray(1)],
    ['frame-length', Uint8Array.of(...frame, 0)],
    ['frame-length', new Uint8Array()],
    ['frame-magic', changed(3, 0)],
    ['frame-version', changed(4, 2)],
    ['frame-dtype', changed(6, 0)],
    ['frame-dtype', changed(6, 3)],
    ['frame-dtype', changed(14, 1)],
    ['frame-shape', changed(8, 6)],
    ['frame-shape', changed(12, 13)],
    ['frame-shape', changed(13, 3)],
    ['frame-shape', changed(23, 0x18)],
  ])('is refused with %s', (code, bytes) => {
    expect(outcome(() => decodeRingFrame(bytes, layout))).toBe(code);
  });
});

describe('[M-6] plans of additive sums', () => {
  const faultOf = (changes: Partial<TaskManifestInput>): string => {
    try {
      manifestWith(changes);
    } catch (error) {
      return `${errorCodeOf(error)} ${(error as Error).message}`;
    }
    return 'accepted';
  };
  const rounds = (reportGoal: number, minimumSurvivors = 4) => ({
    committedRounds: 1,
    reportGoal,
    overSelection: 1,
    minimumSurvivors,
  });
  const sa1 = { mode: 'sa-1' } as const;

  it('secure aggregation needs integers', () => {
    const fault = faultOf({ compression: { codec: 'float32' }, secureAggregation: sa1 });
    expect(fault).toContain('manifest-invalid compression.codec: ');
  });

  it('says what ring would be possible when the cohort is too large for the values', () => {
    const fault = faultOf({
      compression: { ...QUANTISED, valueBits: 24 },
      rounds: rounds(1000),
      aggregation: { maximumWeight: 10, serverOptimiser: { kind: 'sgd' } },
    });
    expect(fault).toMatch(/plan-impossible compression.valueBits: .*possible: 22 value bits/);
  });

  it('says what graph would be possible when too many drop out', () => {
    const fault = faultOf({
      rounds: rounds(100, 10),
      secureAggregation: { mode: 'sa-1', corruptFraction: 0.33, dropoutFraction: 0.5 },
    });
    expect(fault).toContain('plan-impossible secureAggregation.dropoutFraction: ');
    expect(fault).toContain('possible');
  });

  it('a secure sum has at most 1,000 addends, and at least 3', () => {
    expect(faultOf({ rounds: rounds(1001), secureAggregation: sa1 })).toContain('rounds.reportGoal: 1001');
    expect(faultOf({ rounds: rounds(8, 2), secureAggregation: sa1 })).toContain('rounds.minimumSurvivors: ');
    expect(faultOf({ rounds: rounds(1000), secureAggregation: sa1 })).toBe('accepted');
  });

  it('the weights of a cohort fit into the tail', () => {
    const aggregation = { maximumWeight: 1_000_000, serverOptimiser: { kind: 'sgd' } } as const;
    expect(faultOf({ rounds: rounds(2148), aggregation })).toContain('aggregation.maximumWeight: ');
    expect(faultOf({ rounds: rounds(2147), aggregation })).toBe('accepted');
  });

  it('the task that members sign depends on run, round, models and every word of the plan', () => {
    const round = {
      runId: 'run-a' as never,
      roundNumber: 1,
      modelHash: MODEL,
      modelLog: 'a'.repeat(64) as BlobHash,
      encoding: null,
    };
    const task = sumTask(masked, round);
    expect(task.vectors).toEqual([
      { bits: sumPlan(masked, [[4, 2], [2]], null).ring.bits, length: 10 },
      { bits: 32, length: 5 },
    ]);
    expect(task).toMatchObject({ maximumCohort: 8, minimumSurvivors: 4, graph: 'auto', roundNumber: 1 });
    const others = [
      sumTask(masked, { ...round, runId: 'run-b' as never }),
      sumTask({ ...masked, description: 'x' }, round),
    ];
    for (const other of others) expect(other.task).not.toEqual(task.task);
    expect(outcome(() => sumTask(clear, round))).toBe('plan-impossible');
  });
});
