/** Adapters beside a base model (Hu et al. 2021), held to the laws that they promise, on the reference engine. */
import { type BuiltInModelSpec, frozenParameters, initialParameters, mergedModel } from '@tributary/fl-core';
import { expect, it } from 'vitest';
import { networkOf } from '../src/network/network-of.ts';
import { createReferenceEngine } from '../src/reference/reference-engine.ts';

const BASE = {
  kind: 'char-transformer',
  vocabularySize: 7,
  sequenceLength: 6,
  width: 8,
  heads: 2,
  blocks: 2,
} as const satisfies BuiltInModelSpec;
const ADAPTED = {
  ...BASE,
  adaptation: { kind: 'lora', rank: 2, scale: 1.5, baseModel: 'ab'.repeat(32) },
} as const satisfies BuiltInModelSpec;

const ONE_FACTOR = {
  ...BASE,
  adaptation: { ...ADAPTED.adaptation, trains: 'b' },
} as const satisfies BuiltInModelSpec;

const COUNT = 5;
const codes = (shift: number) =>
  Array.from(
    { length: COUNT * BASE.sequenceLength },
    (_, i) => (((i * 5) % 11) + shift) % BASE.vocabularySize,
  );
const examples = {
  count: COUNT,
  inputShape: [BASE.sequenceLength],
  inputs: Float32Array.from(codes(0)),
  labelsPerExample: BASE.sequenceLength,
  labels: Int32Array.from(codes(1)),
};
const base = initialParameters(BASE, 'base');
const adapters = initialParameters(ADAPTED, 'adapters');

const engineOf = (model: BuiltInModelSpec) =>
  createReferenceEngine({
    network: networkOf(model),
    optimiser: { kind: 'adam', learningRate: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    batchSize: COUNT,
    clipping: null,
    examplesPerPass: COUNT,
  });

function logitsOf(model: BuiltInModelSpec, parameters: Float32Array, frozen: Float32Array): Float32Array {
  const engine = engineOf(model);
  engine.load(parameters, [], frozen);
  return (engine.predict(examples, 0, COUNT) as Float32Array).slice();
}
const none = new Float32Array();

it('says before any training exactly what the base model says', () => {
  expect(logitsOf(ADAPTED, adapters.values, base.values)).toEqual(logitsOf(BASE, base.values, none));
});

it.each([
  ['both factors', ADAPTED],
  ['one factor, the other one frozen', ONE_FACTOR],
])('learns with the base left as it is, and says the same merged into one model: %s', (_, model) => {
  const adapters = initialParameters(model, 'adapters');
  const frozen = frozenParameters(model, base);
  const engine = engineOf(model);
  engine.load(adapters.values, [], frozen.values);
  const losses = Array.from({ length: 40 }, (_, index) => {
    engine.step(
      examples,
      Int32Array.from({ length: COUNT }, (_, i) => i),
      index + 1,
    );
    return engine.takeLoss() as number;
  });
  expect(losses.at(-1)).toBeLessThan(0.6 * losses[0]!);
  const trained = { shapes: adapters.shapes, values: engine.parameters() as Float32Array };
  const apart = logitsOf(model, trained.values, frozen.values);
  const merged = mergedModel(model, trained, base);
  const together = logitsOf(merged.model as BuiltInModelSpec, merged.parameters.values, none);
  const distance = Math.max(...apart.map((value, i) => Math.abs(value - together[i]!)));
  // Merging rounds each kernel to float32 once.
  expect(distance).toBeLessThan(1e-5 * Math.max(...apart.map(Math.abs)));
  expect(apart).not.toEqual(logitsOf(BASE, base.values, none));
});
