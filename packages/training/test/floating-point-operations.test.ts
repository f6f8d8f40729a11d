import type { BuiltInModelSpec } from '@tributary/fl-core';
import { expect, it } from 'vitest';
import { floatingPointOperations } from '../src/network/floating-point-operations.ts';
import { networkOf } from '../src/network/network-of.ts';

const costOf = (model: BuiltInModelSpec) => floatingPointOperations(networkOf(model));

it('counts a dense layer three times in a step, but for the first, whose input has no gradient', () => {
  // 784 x 200, 200 x 200, 200 x 10; a multiply-add counts two.
  const [first, second, third] = [2 * 784 * 200, 2 * 200 * 200, 2 * 200 * 10] as const;
  expect(costOf({ kind: 'mlp', inputSize: 784, hidden: [200, 200], classes: 10 })).toEqual({
    forward: first + second + third,
    backward: first + 2 * second + 2 * third,
  });
});

it("counts about 75 million for a step of McMahan's CNN on a picture of a digit", () => {
  const first = 2 * 28 * 28 * 5 * 5 * 1 * 32;
  const second = 2 * 14 * 14 * 5 * 5 * 32 * 64;
  const dense = 2 * 7 * 7 * 64 * 512 + 2 * 512 * 10;
  const cost = costOf({ kind: 'mcmahan-cnn', height: 28, width: 28, channels: 1, classes: 10 });
  expect(cost).toEqual({
    forward: first + second + dense,
    backward: first + 2 * second + 2 * dense,
  });
  expect((cost.forward + cost.backward) / 75e6).toBeCloseTo(1, 1);
});

it('counts depthwise windows per channel and pointwise layers as dense ones', () => {
  const stem = 2 * 8 * 8 * 3 * 3 * 3 * 4;
  const depthwise = 2 * 4 * 4 * 3 * 3 * 4;
  const pointwise = 2 * 4 * 4 * 4 * 6;
  const dense = 2 * 6 * 5;
  expect(
    costOf({
      kind: 'separable-cnn',
      height: 8,
      width: 8,
      channels: 3,
      stemFilters: 4,
      blocks: [{ filters: 6, stride: 2 }],
      classes: 5,
    }),
  ).toEqual({
    forward: stem + depthwise + pointwise + dense,
    backward: stem + 2 * (depthwise + pointwise + dense),
  });
});

it('counts a recurrent product per character, and none for looking a character up', () => {
  const recurrent = 2 * 5 * 4 * 12;
  const dense = 2 * 5 * 4 * 7;
  expect(costOf({ kind: 'char-gru', vocabularySize: 7, sequenceLength: 5, units: 4 })).toEqual({
    forward: recurrent + dense,
    backward: 2 * (recurrent + dense),
  });
});

it('counts attention over the pairs that the mask leaves, and no gradient of a frozen kernel', () => {
  const transformer = {
    kind: 'char-transformer',
    vocabularySize: 7,
    sequenceLength: 3,
    width: 4,
    heads: 2,
    blocks: 1,
  } as const;
  // Queries with keys and scores with values: 1 + 2 + 3 pairs over a width of 4.
  const attention = 2 * 2 * 6 * 4;
  const projections = 2 * 3 * 4 * (12 + 4);
  const feedForward = 2 * 3 * 4 * (16 + 16);
  const logits = 2 * 3 * 4 * 7;
  const forward = attention + projections + feedForward + logits;
  expect(costOf(transformer)).toEqual({ forward, backward: 2 * forward });

  const adaptation = { kind: 'lora', rank: 2, scale: 1, baseModel: 'ab'.repeat(32) } as const;
  const [downs, ups] = [2 * 3 * 4 * (2 + 2), 2 * 3 * 2 * (12 + 4)] as const;
  // Everything before the first adapter is frozen: its projection and its `down` pass no gradient on.
  const [firstProjection, firstDown] = [2 * 3 * 4 * 12, 2 * 3 * 4 * 2] as const;
  expect(costOf({ ...transformer, adaptation })).toEqual({
    forward: forward + downs + ups,
    backward:
      2 * attention + (projections - firstProjection) + feedForward + logits + 2 * (downs + ups) - firstDown,
  });
});
