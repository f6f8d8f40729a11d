/** The step of a tuned run from round to round, by the machine that every runner runs. */
import {
  type BlobHash,
  isEncodingOf,
  manifestFaults,
  parseManifest,
  plannedRing,
  type SumFacts,
  type TaskManifest,
  type TaskManifestInput,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { SMALL_MANIFEST } from './manifests.ts';
import { clientsNamed, MODEL } from './rounds.ts';
import { TunedRun } from './tuned-run.ts';

const TUNED = { codec: 'tuned', ringBits: 10, rotation: 'blocks' } as const;
const RANDOM_K = { ...TUNED, sampling: { kind: 'random-k', fraction: 0.5 } } as const;
const SECONDS = 60;
const members = clientsNamed(4);

const manifestWith = (
  compression: TaskManifestInput['compression'],
  more: Partial<TaskManifestInput> = {},
): TaskManifest =>
  parseManifest({
    ...SMALL_MANIFEST,
    rounds: {
      ...{ committedRounds: 1000, reportGoal: 4, minimumSurvivors: 2, overSelection: 1 },
      reportingSeconds: SECONDS,
    },
    compression,
    ...more,
  });

describe('the step of a tuned run', () => {
  it('[C-3] is told in the invitation, the same to everybody, and only where the plan tunes it', () => {
    const run = new TunedRun(manifestWith(TUNED));
    expect(run.told.get(1)).toEqual(run.encoding);
    expect(isEncodingOf(run.manifest.compression, run.told.get(1))).toBe(true);
    const other = new TunedRun(manifestWith({ codec: 'quantised' }));
    expect(other.told.get(1)).toBeUndefined();
    expect(other.state.round!.encoding).toBeNull();
  });

  it('[C-7] begins where everybody may send the same update of the first norm, or of the clipping norm', () => {
    const stepOf = (changes: object, more: Partial<TaskManifestInput> = {}) =>
      new TunedRun(manifestWith({ ...TUNED, ...changes }, more)).encoding.step;
    const { step } = plannedRing(manifestWith(TUNED).compression as never, 4);
    // 10 parameters in one block of 256.
    expect(stepOf({})).toBeCloseTo((step * 4 * 1) / 16, 12);
    expect(stepOf({ firstNorm: 3 }) / stepOf({})).toBeCloseTo(3, 9);
    const clipped = { privacy: { mode: 'none', clippingNorm: 0.5 } } as const;
    expect(stepOf({ firstNorm: 3 }, clipped) / stepOf({})).toBeCloseTo(0.5, 9);
  });

  it('[C-7] follows the sums: up at once, down half of the way, and by half at most', () => {
    const run = new TunedRun(manifestWith(TUNED));
    const first = run.encoding.step;
    const { step: perRms } = plannedRing(run.manifest.compression as never, 4);
    run.round({ rms: 1000 * first });
    const grown = run.encoding.step;
    // Less the variance of four roundings, and a tenth more than was seen.
    expect(grown).toBeCloseTo(1.1 * perRms * Math.sqrt(1000 ** 2 - 4 / 6) * first, 6);
    run.round({ rms: grown });
    expect(run.encoding.step).toBe(grown / 2);
    // What asks for 0.81 of it gets 0.9 of it.
    const quieter = (0.81 * (grown / 2)) / (1.1 * perRms);
    run.round({ rms: Math.sqrt(quieter ** 2 + (4 / 6) * (grown / 2) ** 2) });
    expect(run.encoding.step).toBeCloseTo(0.9 * (grown / 2), 9);
    run.round({ rms: (grown / 2) * 100, count: 2 });
    // Half of the members came; if the others come too, their updates may all point the same way.
    expect(run.encoding.step).toBeCloseTo(2 * 1.1 * perRms * 100 * (grown / 2), 4);
    expect(run.outcomes).toEqual(['committed', 'committed', 'committed', 'committed']);
  });

  it('[C-6] an alarm raises it; a sum that wrapped is given up and doubles it, one lost in rounding makes it finer', () => {
    const run = new TunedRun(manifestWith(TUNED));
    const first = run.encoding.step;
    run.round({ rms: first, alarm: 'raised' });
    expect(run.encoding.step).toBe(1.5 * first);
    const { modelHash } = run.state;
    run.round({ rms: 200 * run.encoding.step, alarm: 'severe' });
    expect(run.encoding.step).toBe(3 * first);
    run.round({ rms: 290 * run.encoding.step, alarm: 'severe' });
    expect(run.encoding.step).toBe(24 * first);
    run.round({ rms: run.encoding.step, alarm: 'coarse' });
    expect(run.encoding.step).toBeLessThan(12 * first);
    expect(run.encoding.step).toBeGreaterThan(0);
    expect(run.outcomes).toEqual(['committed', 'sum-wrapped', 'sum-wrapped', 'sum-too-coarse']);
    expect(run.state.modelHash).toBe(modelHash);
  });

  it('[C-7] stays where it was when a round shows nothing', () => {
    const run = new TunedRun(manifestWith(TUNED));
    const { encoding } = run;
    const { roundNumber } = run.state;
    for (const clientId of members.slice(0, 3)) {
      run.feed({ type: 'clientWithdrew', at: run.now, roundNumber, clientId });
    }
    for (const clientId of members) run.feed({ type: 'clientCheckedIn', at: run.now, clientId });
    expect(run.outcomes).toEqual(['too-few-ready']);
    expect(run.encoding).toEqual(encoding);
  });

  it('[C-7] outlives a restart, and goes back with the model', () => {
    const run = new TunedRun(manifestWith(TUNED));
    const first = run.encoding.step;
    const sum: SumFacts = { step: first, rms: 500 * first, nearEdge: 0, alarm: 'none', count: 4 };
    run.round(sum);
    const second = run.encoding.step;
    run.feed({ type: 'restarted', at: run.now });
    expect(run.encoding.step).toBe(second);
    for (const clientId of members) run.feed({ type: 'clientCheckedIn', at: run.now, clientId });
    run.round({ rms: 0 });
    run.round({ rms: 0 });
    expect(run.encoding.step).toBe(second / 4);
    const goBack = (toRound: number, extra: object) => {
      run.feed({ type: 'pauseRequested', at: run.now });
      if (run.state.status !== 'paused') run.feed({ type: 'stopRequested', at: run.now });
      const { state } = run;
      run.state = { ...state, status: 'paused', round: null };
      const modelHash = MODEL as BlobHash;
      run.feed({
        ...{ type: 'rollBackRequested', at: run.now, toRound, modelHash, committedRounds: toRound },
        ...extra,
      });
      run.feed({ type: 'resumeRequested', at: run.now });
      return run.encoding.step;
    };
    expect(goBack(1, { sum })).toBe(second);
    expect(goBack(0, {})).toBe(first);
  });
});

describe('the fraction of a tuned run', () => {
  const slow = [1, 1, 1, 25];
  const quick = [1, 2, 3, 4];

  it('[C-8] falls after two rounds of slow uploads, to an eighth at least, and rises after two quick ones', () => {
    const run = new TunedRun(manifestWith(RANDOM_K));
    const fractions = [0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625, 0.0625];
    for (const fraction of fractions) {
      expect(run.encoding.fraction).toBe(fraction);
      expect(isEncodingOf(run.manifest.compression, run.encoding)).toBe(true);
      run.round({}, slow);
    }
    const rising = [0.0625, 0.0625, 0.125, 0.125, 0.25, 0.25, 0.5, 0.5, 0.5];
    for (const fraction of rising) {
      expect(run.encoding.fraction).toBe(fraction);
      run.round({}, quick);
    }
  });

  it('[C-8] does not move for one slow round, or for uploads that are neither', () => {
    const run = new TunedRun(manifestWith(RANDOM_K));
    for (const uploads of [slow, quick, slow, [1, 1, 1, 12], slow, [1, 1, 1, 12]]) run.round({}, uploads);
    expect(run.encoding.fraction).toBe(0.5);
  });

  it('[C-8] counts a member that missed the deadline, also where the round came to nothing for it', () => {
    const run = new TunedRun(manifestWith(RANDOM_K));
    run.round({}, [1, 1, 1, SECONDS]);
    run.round({}, [1, 1, 1, SECONDS]);
    expect(run.encoding.fraction).toBe(0.25);
    run.round({}, [1, SECONDS, SECONDS, SECONDS]);
    run.round({}, [1, SECONDS, SECONDS, SECONDS]);
    expect(run.outcomes.slice(-2)).toEqual(['too-few-survivors', 'too-few-survivors']);
    expect(run.encoding.fraction).toBe(0.125);
  });
});

describe('a plan that is too tight', () => {
  const faultsOf = (compression: object, reportGoal: number) =>
    manifestFaults({
      ...SMALL_MANIFEST,
      rounds: { committedRounds: 3, reportGoal, overSelection: 1, minimumSurvivors: 2 },
      compression,
    });
  const numbersIn = (message: string) =>
    [...message.split('possible:')[1]!.matchAll(/(\d+) bits for (\d+) participants/g)].map((match) => ({
      bits: Number(match[1]),
      cohort: Number(match[2]),
    }));

  it.each([
    [4, 1000, 'stochastic'],
    [3, 100, 'dithered'],
    [2, 40, 'stochastic'],
    [6, 5000, 'dithered'],
  ] as const)(
    '[C-9] of %i ring bits for %i participants (%s) is refused with numbers that would do, and none that is nearer would',
    (ringBits, cohort, rounding) => {
      const plan = { ...TUNED, ringBits, rounding };
      const [fault, ...others] = faultsOf(plan, cohort);
      expect(others).toEqual([]);
      expect(fault!.path).toBe('plan:compression.ringBits');
      const numbers = numbersIn(fault!.message);
      const bits = numbers.find((possible) => possible.cohort === cohort)!.bits;
      expect(faultsOf({ ...plan, ringBits: bits }, cohort)).toEqual([]);
      expect(faultsOf({ ...plan, ringBits: bits - 1 }, cohort)).not.toEqual([]);
      const smaller = numbers.find((possible) => possible.bits === ringBits)?.cohort;
      if (smaller === undefined) return;
      const isPossible = (size: number) =>
        faultsOf(plan, size).every(({ path }) => path !== 'plan:compression.ringBits');
      expect(isPossible(smaller)).toBe(true);
      expect(isPossible(smaller + 1)).toBe(false);
    },
  );

  it('[C-9] is named by the stable code, and a tuned step without rotation is none', () => {
    const document = { ...SMALL_MANIFEST, compression: { ...TUNED, ringBits: 2 } };
    const tooMany = { committedRounds: 3, reportGoal: 500, minimumSurvivors: 2 };
    expect(() => parseManifest({ ...document, rounds: tooMany })).toThrow(
      expect.objectContaining({ code: 'plan-impossible' }),
    );
    expect(faultsOf({ codec: 'tuned' }, 3)).toEqual([
      expect.objectContaining({ path: 'compression.rotation' }),
    ]);
  });

  it('[C-9] of a code that does not add up is not masked', () => {
    for (const codec of ['eden', 'codebook', 'top-k', 'truncated', 'power-sgd', 'float32']) {
      const faults = manifestFaults({
        ...SMALL_MANIFEST,
        rounds: { committedRounds: 3, reportGoal: 8, minimumSurvivors: 4 },
        compression: { codec },
        secureAggregation: { mode: 'sa-1' },
      });
      expect(faults).toEqual([expect.objectContaining({ path: 'compression.codec' })]);
    }
  });

  it.each([
    ['momentum', { codec: 'top-k', momentum: 0.9 }, { feedback: { mode: 'on' } }],
    ['adaptive', { codec: 'eden', adaptive: true, bits: 1 }, { bits: 2 }],
  ])('[C-9] with a setting that would do nothing (%s) is refused', (field, compression, change) => {
    expect(faultsOf(compression, 3)).toEqual([expect.objectContaining({ path: `compression.${field}` })]);
    expect(faultsOf({ ...compression, ...change }, 3)).toEqual([]);
  });
});
