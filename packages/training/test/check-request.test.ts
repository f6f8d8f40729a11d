import { type EvaluateRequest, errorCodeOf, initialParameters, type ModelSpec } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { checkEvaluateRequest, checkTrainRequest } from '../src/check-request.ts';

const BASE = {
  kind: 'char-transformer',
  vocabularySize: 3,
  sequenceLength: 2,
  width: 4,
  heads: 2,
  blocks: 1,
} as const satisfies ModelSpec;
const ADAPTED: ModelSpec = {
  ...BASE,
  adaptation: { kind: 'lora', rank: 1, scale: 1, baseModel: 'ab'.repeat(32) },
};
const EXAMPLES = {
  count: 1,
  inputShape: [2],
  inputs: Float32Array.of(0, 2),
  labelsPerExample: 2,
  labels: Int32Array.of(2, 1),
};
const TRAINING = {
  optimiser: { kind: 'sgd', learningRate: 0.1 },
  epochs: 1,
  batchSize: 1,
  maximumExamples: 10,
} as const;

const request = (model: ModelSpec): EvaluateRequest => ({
  model,
  parameters: initialParameters(model, 'parameters'),
  examples: EXAMPLES,
});
const adapted = (): EvaluateRequest => ({ ...request(ADAPTED), frozen: initialParameters(BASE, 'base') });

/** Both requests are checked alike. */
function codesOf(asked: EvaluateRequest): string[] {
  const { parameters: initial, ...rest } = asked;
  const checks = [
    () => checkEvaluateRequest(asked),
    () => checkTrainRequest({ ...rest, initial, training: TRAINING, seed: 'seed' }),
  ];
  return checks.map((check) => {
    try {
      check();
      return 'fine';
    } catch (error) {
      return errorCodeOf(error);
    }
  });
}
const FINE = ['fine', 'fine'];
const INVALID = ['data-invalid', 'data-invalid'];

describe('the check of a request', () => {
  it('takes adapters with their base model, and a whole model without one', () => {
    expect(codesOf(adapted())).toEqual(FINE);
    expect(codesOf(request(BASE))).toEqual(FINE);
  });

  it('refuses adapters without their base model', () => {
    expect(codesOf(request(ADAPTED))).toEqual(INVALID);
  });

  it('refuses a base model of other sizes, and one that is cut short', () => {
    const frozen = initialParameters({ ...BASE, blocks: 2 }, 'base');
    expect(codesOf({ ...adapted(), frozen })).toEqual(INVALID);
    const { shapes, values } = initialParameters(BASE, 'base');
    expect(codesOf({ ...adapted(), frozen: { shapes, values: values.subarray(1) } })).toEqual(INVALID);
  });

  it('refuses a base model beside a model that is trained whole', () => {
    expect(codesOf({ ...request(BASE), frozen: initialParameters(BASE, 'base') })).toEqual(INVALID);
  });

  it('refuses characters that the vocabulary does not have', () => {
    const examples = { ...EXAMPLES, inputs: Float32Array.of(0, 3) };
    expect(codesOf({ ...request(BASE), examples })).toEqual(INVALID);
  });
});
