/** Models as ONNX, run by an independent runtime beside the engine that says what a model means. */
import {
  type BuiltInModelSpec,
  type ExampleSet,
  frozenTensors,
  isCharacterModel,
  modelClasses,
  type ParameterSet,
  type ParameterTensor,
  parameterTensors,
  seededRandom,
  standardNormal,
  tensorSize,
} from '@tributary/fl-core';
import { InferenceSession, Tensor } from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { randomExamples, SMALL_MODELS } from '../../../packages/training/test/small-models.ts';
import { onnxFile } from '../src/export/onnx/onnx-file.ts';
import { onnxModel } from '../src/export/onnx/onnx-model.ts';
import { referenceProbabilities } from './reference-probabilities.ts';

const LARGER: Readonly<Record<string, BuiltInModelSpec>> = {
  ...SMALL_MODELS,
  'separable-cnn of odd sizes': {
    kind: 'separable-cnn',
    height: 13,
    width: 10,
    channels: 1,
    stemFilters: 3,
    blocks: [
      { filters: 7, stride: 2 },
      { filters: 4, stride: 2 },
      { filters: 5, stride: 1 },
    ],
    classes: 4,
  },
};

describe.each(Object.entries(LARGER))('%s as ONNX', (name, model) => {
  const random = seededRandom(`onnx/${name}`);
  // Not as initialised: biases, scales and adapters must be in the right place, too. Kernels of Glorot's size (2010, eq. 12),
  // because what is sure of its answer shows no faults.
  const drawn = (tensors: readonly ParameterTensor[]): ParameterSet => {
    const values = tensors.flatMap(({ shape, initial }) => {
      const fans = tensorSize(shape.slice(0, -2)) * ((shape.at(-2) ?? 0) + shape.at(-1)!);
      const deviation = shape.length < 2 ? 0.3 : Math.sqrt(2 / fans);
      return Array.from(
        { length: tensorSize(shape) },
        () => (initial === 'ones' ? 1 : 0) + deviation * standardNormal(random),
      );
    });
    return { shapes: tensors.map(({ shape }) => shape), values: Float32Array.from(values) };
  };
  const parameters = drawn(parameterTensors(model));
  const frozenParts = frozenTensors(model);
  const frozen = frozenParts && drawn(frozenParts);
  const file = () =>
    whole(onnxFile(onnxModel({ model, parameters, frozen, metadata: { name: 'ünïcode "name"' } })));

  test.each([1, 5])(
    '[O-6] gives the probabilities of the reference to 1e-5, batches of %i',
    async (count) => {
      const examples = randomExamples(model, count);
      const session = await InferenceSession.create(await file());
      expect(session.inputNames).toEqual(['input']);
      expect(session.outputNames).toEqual(['probabilities']);
      const { probabilities } = await session.run({ input: inputOf(model, examples) });
      const classes = modelClasses(model);
      expect(probabilities!.dims).toEqual(
        isCharacterModel(model) ? [count, model.sequenceLength, classes] : [count, classes],
      );
      const expected = referenceProbabilities(model, { parameters, frozen, examples });
      const actual = probabilities!.data as Float32Array;
      expect(actual.length).toBe(expected.length);
      expected.forEach((value, i) => {
        expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-5);
      });
      // Models that say the same of everything would agree, too.
      expect(new Set(expected.map((value) => value.toFixed(3))).size).toBeGreaterThan(classes / 2);
      await session.release();
    },
  );

  test('is the same file every time', async () => {
    expect(Buffer.compare(await file(), await file())).toBe(0);
  });
});

function inputOf(model: BuiltInModelSpec, { count, inputs, inputShape }: ExampleSet): Tensor {
  const dimensions = [count, ...inputShape];
  if (!isCharacterModel(model)) return new Tensor('float32', inputs, dimensions);
  return new Tensor('int64', BigInt64Array.from(inputs, BigInt), dimensions);
}

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return new Uint8Array(Buffer.concat(all));
}
