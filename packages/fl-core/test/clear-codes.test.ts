/** Updates in clear codes at the door of a sum: floats like any others, whoever sent them in whatever order. */
import { CodecError } from '@tributary/compression';
import {
  type AdditivePlan,
  blobHashOf,
  type ClearPlan,
  compressionPlanSchema,
  createAggregator,
  errorCodeOf,
  isAdditive,
  isClearCode,
  longestUpdate,
  openRoundSum,
  type Survivor,
  seededRandom,
  shuffle,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import {
  CODES,
  check,
  clientOf,
  coded,
  codeOf,
  damage,
  manifestWith,
  normalDelta,
  ROUND,
  SHAPES,
} from './clear-updates.ts';

describe.each(CODES)('an update in $codec', (compression) => {
  const manifest = manifestWith(compression);

  it('[A-11] is read bit for bit as its device read it, and no longer than its plan allows', () => {
    const { frame, decoded } = coded(normalDelta('one'), manifest);
    expect(check(frame, manifest)).toEqual({ shapes: SHAPES, values: decoded });
    expect(frame.length).toBeLessThanOrEqual(longestUpdate(manifest, SHAPES));
  });

  it('[A-11] is summed like the floats that it decodes to, in whatever order and however often it comes', () => {
    const members = [0, 1, 2, 3].map((index) => {
      const { frame, decoded } = coded(normalDelta(`delta-${index}`), manifest, index);
      const survivor: Survivor = {
        clientId: clientOf(index),
        updateHash: blobHashOf(frame),
        exampleCount: 10 * index + 1,
      };
      return { frame, decoded, survivor, index };
    });
    const plain = createAggregator(manifest, SHAPES);
    for (const { decoded, survivor } of members)
      plain.add({ shapes: SHAPES, values: decoded }, survivor.exampleCount!);
    const expected = plain.mean();
    for (const seed of ['a', 'b', 'c']) {
      const sum = openRoundSum(manifest, SHAPES, ROUND);
      for (const { frame, survivor, index } of shuffle([...members, ...members], seededRandom(seed)))
        sum.fold(survivor, check(frame, manifest, index));
      expect(sum.mean()).toEqual(expected);
    }
  });

  it('[A-5] is refused when it lies outside the bound, or is longer than the clipping norm and its code explain', () => {
    const bounded = manifestWith(compression, {
      aggregation: { serverOptimiser: { kind: 'sgd' }, valueBound: 0.5 },
    });
    const far = coded(normalDelta('far', 3), bounded);
    expect(codeOf(() => check(far.frame, bounded))).toBe('update-out-of-range');
    const clipped = manifestWith(compression, { privacy: { mode: 'none', clippingNorm: 0.1 } });
    const long = coded(normalDelta('long'), clipped);
    expect(codeOf(() => check(long.frame, clipped))).toBe('update-out-of-range');
    // 0.1 of 1.4 is clipped, and the noise of its code is not held against it.
    const right = coded(
      normalDelta('long').map((value) => value / 16),
      clipped,
    );
    expect(codeOf(() => check(right.frame, clipped))).toBe('none');
  });

  it('[W-9] is refused with a code, whatever bytes were changed, cut or added', () => {
    const { frame } = coded(normalDelta('one'), manifest);
    const random = seededRandom(`damage-${compression.codec}`);
    for (let i = 0; i < 100; i += 1) {
      const damaged = damage(frame, random);
      const code = codeOf(() => check(damaged, manifest));
      // A changed value is another update, and no fault.
      expect(code).toMatch(/^(none|frame-|codec-malformed|update-)/);
    }
  });

  it('[A-11] with another name or codec is another one', () => {
    const { frame, decoded } = coded(normalDelta('one'), manifest);
    if (compression.codec === 'eden') expect(check(frame, manifest, 7).values).not.toEqual(decoded);
    const other = manifestWith({ codec: compression.codec === 'truncated' ? 'eden' : 'truncated' });
    expect(codeOf(() => check(frame, other))).toBe('frame-dtype');
  });
});

it('faults of codes have stable codes', () => {
  expect(errorCodeOf(new CodecError('codec-malformed', 'cut off'))).toBe('codec-malformed');
});

it('[M-6] a clear code cannot be masked: the plan is refused, and so is the type', () => {
  for (const compression of CODES) {
    const secure = {
      rounds: { committedRounds: 3, reportGoal: 6, minimumSurvivors: 4 },
      secureAggregation: { mode: 'sa-1' },
    } as const;
    expect(() => manifestWith(compression, secure)).toThrow(/compression\.codec: /);
  }
  const additive = (plan: AdditivePlan) => plan.codec;
  const clear = compressionPlanSchema.parse({ codec: 'eden' });
  if (!isClearCode(clear)) throw new Error('not a clear code');
  // @ts-expect-error Only codes that add up fit where a mask follows.
  additive(clear);
  const tuned = compressionPlanSchema.parse({ codec: 'tuned' });
  if (!isAdditive(tuned)) throw new Error('not an additive code');
  // @ts-expect-error And nothing that adds up is read by itself.
  const read: ClearPlan = tuned;
  expect([additive(tuned), read.codec]).toEqual(['tuned', 'tuned']);
});
