/** Sums of additive updates in every form that a plan can ask for: what they hold, masked or not, and what is left behind. */
import { quantise } from '@tributary/compression';
import {
  type AdditivePlan,
  additiveCode,
  additiveFrame,
  blobHashOf,
  type ClientId,
  checkUpdate,
  errorCodeOf,
  isUsable,
  openRoundSum,
  plainSha256,
  sumPlan,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import {
  CASES,
  codesOf,
  deltaOf,
  distance,
  encodingOf,
  FEEDBACK,
  type Form,
  LENGTH,
  MEMBERS,
  manifestOf,
  meanOf,
  norm,
  roundOf,
  SHAPES,
  summed,
  WEIGHTS,
  wordsOf,
} from './coded-sums-scene.ts';

describe('a sum of coded updates', () => {
  it.each(CASES)('[A-8] is the same, bit for bit, behind masks that cancel: %s', (_, form) => {
    const clear = manifestOf(form);
    const masked = manifestOf(form, { secureAggregation: { mode: 'sa-1' } });
    const open = codesOf(clear);
    const hidden = codesOf(masked);
    const mask = Int32Array.from(
      { length: sumPlan(clear, SHAPES, encodingOf(clear)).layout.length },
      (_, i) => Math.imul(i + 1, 0x9e3779b1),
    );
    const { update: first } = hidden[0]!;
    const { update: second } = hidden[1]!;
    first[0].addValues(mask);
    second[0].addValues(mask.map((value) => -value));
    const frames = hidden.map(({ update }) =>
      additiveFrame(update, { manifest: masked, shapes: SHAPES, round: roundOf(masked) }),
    );
    expect(frames[0]).not.toEqual(hidden[0]!.frame);
    expect(frames[0]!.length).toBe(open[0]!.frame.length);
    const left = summed(masked, frames).mean();
    const right = summed(
      clear,
      open.map(({ frame }) => frame),
    ).mean();
    expect(new Uint8Array(left.buffer)).toEqual(new Uint8Array(right.buffer));
  });

  it.each(CASES)('is the same when it is asked for again: %s', (_, form) => {
    const manifest = manifestOf(form);
    const sum = summed(
      manifest,
      codesOf(manifest).map(({ frame }) => frame),
    );
    const [facts, mean] = [sum.facts(), sum.mean().slice()];
    expect(sum.facts()).toEqual(facts);
    expect(sum.mean()).toEqual(mean);
  });

  it.each(CASES)(
    '[C-2] with error feedback: what arrives and what is kept are all that there was: %s',
    (_, form) => {
      const manifest = manifestOf({ ...form, feedback: FEEDBACK } as Form);
      const codes = codesOf(manifest);
      const mean = summed(
        manifest,
        codes.map(({ frame }) => frame),
      ).mean();
      const inputs = MEMBERS.map((_, i) => deltaOf(i));
      const arrived = inputs.map((input, i) => input.map((value, k) => value - codes[i]!.residual![k]!));
      expect(distance(mean, meanOf(arrived))).toBeLessThan(1e-5 * norm(meanOf(inputs)));
      // What was sampled is not scaled up: less is left than there was.
      for (const [i, input] of inputs.entries()) {
        expect(norm(codes[i]!.residual!)).toBeLessThan(1.01 * norm(input));
      }
    },
  );

  it.each(CASES.filter(([, form]) => (form as AdditivePlan).sampling.kind === 'all'))(
    '[C-1] is the weighted mean but for its rounding: %s',
    (_, form) => {
      const manifest = manifestOf(form);
      const mean = summed(
        manifest,
        codesOf(manifest).map(({ frame }) => frame),
      ).mean();
      const exact = meanOf(MEMBERS.map((_, i) => deltaOf(i)));
      const { ring, layout } = sumPlan(manifest, SHAPES, encodingOf(manifest));
      const variance = (form as AdditivePlan).rounding === 'dithered' ? 1 / 12 : 1 / 6;
      const total = WEIGHTS.reduce((sum, one) => sum + one, 0);
      // Four standard deviations of a sum of so many squares, and what float32 loses.
      const expected = ((ring.step * 40) / total) ** 2 * WEIGHTS.length * variance * layout.length;
      const error = distance(mean, exact) ** 2;
      expect(error).toBeLessThan(expected * (1 + 8 / Math.sqrt(layout.length)) + 1e-9 * norm(exact) ** 2);
      expect(error).toBeGreaterThan((expected / 2) * (1 - 8 / Math.sqrt(layout.length)));
    },
  );

  it('[A-7] of a plan without sampling, rotation and dither is rounded as it always was', () => {
    const manifest = manifestOf({ codec: 'quantised', valueBits: 12, bound: 0.1 });
    const { ring } = sumPlan(manifest, SHAPES, null);
    for (const [member, { update }] of codesOf(manifest).entries()) {
      const scale = WEIGHTS[member]! / 40;
      const rounded = quantise(deltaOf(member), { plan: ring, scale, random: wordsOf(`rounding ${member}`) });
      expect(update[0].signedValues()).toEqual(rounded);
    }
  });

  it('[C-1] taking dither off a sum at the edge of a proven ring does not bring it around', () => {
    const [members, weighting] = [7, 'equal' as const];
    const manifest = manifestOf(
      { codec: 'quantised', valueBits: 2, bound: 1, rounding: 'dithered' },
      {
        rounds: { committedRounds: 3, reportGoal: members, overSelection: 1, minimumSurvivors: 3 },
        aggregation: { weighting, serverOptimiser: { kind: 'sgd' } },
      },
    );
    expect(sumPlan(manifest, SHAPES, null).ring).toMatchObject({ bits: 4, levels: 1 });
    const round = roundOf(manifest);
    const sum = openRoundSum(manifest, SHAPES, round);
    for (let member = 0; member < members; member += 1) {
      const clientId = `${member}`.repeat(32) as ClientId;
      const context = { manifest, shapes: SHAPES, round, clientId };
      const { update } = additiveCode(new Float32Array(LENGTH).fill(1), {
        ...{ ...context, exampleCount: 1, evaluation: null, random: wordsOf('') },
      });
      const frame = additiveFrame(update, context);
      sum.fold(
        { clientId, updateHash: blobHashOf(frame), exampleCount: null },
        checkUpdate(frame, { ...context, sha256: plainSha256 }),
      );
    }
    const mean = sum.mean();
    expect(Math.min(...mean)).toBeGreaterThan(0.49);
    // Some are above what seven ones add up to.
    expect(Math.max(...mean)).toBeGreaterThan(8 / 7);
  });

  it('[C-3] refuses a frame of another fraction, and a code that is not of the round', () => {
    const manifest = manifestOf({
      ...{ codec: 'tuned', ringBits: 16, rotation: 'blocks' },
      sampling: { kind: 'random-k', fraction: 0.8 },
    });
    const { frame } = codesOf(manifest)[0]!;
    const round = roundOf(manifest);
    const half = { ...round, encoding: { ...round.encoding!, fraction: 0.4 } };
    const check = (of: typeof round) => {
      try {
        checkUpdate(frame, {
          ...{ manifest, shapes: SHAPES, round: of, clientId: MEMBERS[0]! },
          sha256: plainSha256,
        });
        return 'accepted';
      } catch (error) {
        return errorCodeOf(error);
      }
    };
    expect(check(round)).toBe('accepted');
    expect(check(half)).toBe('frame-length');
    expect(check({ ...round, encoding: null })).toBe('plan-impossible');
  });

  it('[C-6] tells of a tuned sum how wide it is, and when it cannot be used', () => {
    const manifest = manifestOf({ codec: 'tuned', ringBits: 8, firstNorm: 4, rotation: 'blocks' });
    const facts = (step: number) => {
      const round = { ...roundOf(manifest), encoding: { step } };
      const frames = codesOf(manifest, round).map(({ frame }) => frame);
      return summed(manifest, frames, round).facts()!;
    };
    const { encoding } = roundOf(manifest);
    const usual = facts(encoding!.step / 4);
    expect(usual).toMatchObject({ alarm: 'none', count: MEMBERS.length, step: encoding!.step / 4 });
    const weighted = MEMBERS.map((_, i) => deltaOf(i).map((value) => (value * WEIGHTS[i]!) / 40));
    const sum = Float64Array.from({ length: LENGTH }, (_, k) =>
      weighted.reduce((total, vector) => total + vector[k]!, 0),
    );
    const { length } = sumPlan(manifest, SHAPES, encoding).layout;
    expect(usual.rms / (norm(sum) / Math.sqrt(length))).toBeGreaterThan(0.97);
    expect(usual.rms / (norm(sum) / Math.sqrt(length))).toBeLessThan(1.03);
    expect(isUsable(usual)).toBe(true);
    expect(facts(encoding!.step / 400)).toMatchObject({ alarm: 'severe' });
    expect(facts(encoding!.step * 400)).toMatchObject({ alarm: 'coarse' });
    expect(isUsable(facts(encoding!.step / 400))).toBe(false);
  });
});
