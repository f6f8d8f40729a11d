/** Merging adapters must not keep the coordinator's thread from its rounds. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeFrame, initialParameters, type ModelSpec, mergedModel, plainSha256 } from '@tributary/fl-core';
import { expect, test } from 'vitest';
import { mergeAdapters } from '../src/export/merge-adapters.ts';

const BASE = {
  kind: 'char-transformer',
  vocabularySize: 8,
  sequenceLength: 8,
  width: 8,
  heads: 2,
  blocks: 2,
} as const satisfies ModelSpec;
const ADAPTED: ModelSpec = {
  ...BASE,
  adaptation: { kind: 'lora', rank: 3, scale: 2, baseModel: 'ab'.repeat(32) },
};

test('a model is merged as in place, and meanwhile the event loop goes on', async () => {
  const adapters = initialParameters(ADAPTED, 'adapters');
  adapters.values.forEach((_, index) => {
    adapters.values[index] = Math.sin(index);
  });
  const frozen = initialParameters(BASE, 'base');

  let turns = 0;
  let isDone = false;
  const counted = (async () => {
    for (; !isDone; turns += 1) await nextTurn();
  })();
  const merged = await mergeAdapters({
    model: ADAPTED,
    adapters: encodeFrame(adapters, plainSha256),
    base: encodeFrame(frozen, plainSha256),
  });
  isDone = true;
  await counted;
  expect(merged).toEqual(mergedModel(ADAPTED, adapters, frozen));
  // In place it would be one or two.
  expect(turns).toBeGreaterThan(10);
});
