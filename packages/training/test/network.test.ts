import { type BuiltInModelSpec, frozenTensors, parameterCount, parameterShapes } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { gradientFlow } from '../src/network/gradient-flow.ts';
import { networkOf } from '../src/network/network-of.ts';
import { SMALL_MODELS } from './small-models.ts';

describe.each(Object.entries<BuiltInModelSpec>(SMALL_MODELS))('the network of %s', (_name, model) => {
  const network = networkOf(model);

  it('ends in one row of logits per label and refers to every parameter once', () => {
    const { rows, width } = network.values[network.logits]!;
    expect([rows, width]).toEqual(
      'vocabularySize' in model ? [model.sequenceLength, model.vocabularySize] : [1, model.classes],
    );
    expect(network.trainedSize).toBe(parameterCount(parameterShapes(model)));
    expect(network.frozenSize).toBe(parameterCount((frozenTensors(model) ?? []).map(({ shape }) => shape)));
    const references = network.operations.flatMap((operation) =>
      Object.values(operation).filter((part) => typeof part === 'object' && part !== null && 'store' in part),
    );
    const tensors = [...parameterShapes(model), ...(frozenTensors(model) ?? [])];
    expect(references).toHaveLength(tensors.length);
    expect(new Set(references.map((reference) => JSON.stringify(reference))).size).toBe(tensors.length);
  });

  it('begins each needed gradient exactly once, and adds for every further consumer', () => {
    const flow = gradientFlow(network);
    const begun = new Map<number, number>();
    network.operations.forEach((operation, index) => {
      const { input, other } = flow[index]!;
      if (input === 'write') begun.set(operation.input, (begun.get(operation.input) ?? 0) + 1);
      if (other === 'write' && operation.kind === 'sum')
        begun.set(operation.other, (begun.get(operation.other) ?? 0) + 1);
    });
    expect([...begun.values()].every((times) => times === 1)).toBe(true);
    // Every value whose producer has work was begun by a consumer; the logits are begun by the loss.
    network.operations.forEach(({ output }, index) => {
      if (output === network.logits) return;
      expect(begun.has(output)).toBe(flow[index]!.isNeeded);
    });
    expect(begun.has(network.input)).toBe(false);
  });
});

it('an adapted transformer takes no gradient before its first adapter', () => {
  const network = networkOf(SMALL_MODELS['adapted char-transformer']);
  const flow = gradientFlow(network);
  expect(network.operations[0]!.kind).toBe('embedding');
  expect(flow[0]!.isNeeded).toBe(false);
  expect(flow[1]!.isNeeded).toBe(false);
});
