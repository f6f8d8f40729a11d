/** Exported models, read by those for whom they are made. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import {
  type ExampleSet,
  initialParameters,
  labelsPerExample,
  type ModelSpec,
  modelClasses,
  modelInputShape,
  type ParameterSet,
  parameterCount,
  parameterShapes,
  parameterTensors,
  seededRandom,
  tensorSize,
  tensorViews,
  unitInterval,
} from '@tributary/fl-core';
import { createTrainer } from '@tributary/training';
import { strFromU8, unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { namedTopology } from '../src/export/named-topology.ts';
import { safetensorsFile } from '../src/export/safetensors.ts';
import { tfjsArchive } from '../src/export/tfjs-archive.ts';
import { referenceProbabilities } from './reference-probabilities.ts';

const MODELS: readonly ModelSpec[] = [
  { kind: 'softmax-regression', inputSize: 6, classes: 3 },
  { kind: 'mlp', inputSize: 6, hidden: [5, 4], classes: 3 },
  { kind: 'mcmahan-cnn', height: 8, width: 9, channels: 2, classes: 3 },
  {
    kind: 'separable-cnn',
    height: 9,
    width: 8,
    channels: 2,
    stemFilters: 4,
    blocks: [
      { filters: 6, stride: 2 },
      { filters: 5, stride: 1 },
    ],
    classes: 3,
  },
  { kind: 'char-gru', vocabularySize: 5, sequenceLength: 7, units: 6 },
  {
    kind: 'layers',
    topology: {
      class_name: 'Sequential',
      config: {
        name: 'theirs',
        layers: [
          {
            class_name: 'Dense',
            config: {
              name: 'hidden',
              units: 4,
              activation: 'tanh',
              use_bias: true,
              batch_input_shape: [null, 6],
            },
          },
          { class_name: 'Dropout', config: { name: 'dropout', rate: 0.5 } },
          { class_name: 'Dense', config: { name: 'out', units: 3, activation: 'softmax', use_bias: false } },
        ],
      },
    },
    inputShape: [6],
    classes: 3,
    parameterShapes: [[6, 4], [4], [4, 3]],
  },
];

beforeAll(() => {
  tf.enableProdMode();
  return tf.setBackend('cpu');
});

describe.each(MODELS)('a $kind model', (model) => {
  const random = seededRandom(`export/${model.kind}`);
  const draw = (): number => 2 * unitInterval(random) - 1;
  const shapes = parameterShapes(model);
  // Not as initialised: biases must be in the right place, too.
  const parameters = initialParameters(model, 'export');
  tensorViews(parameters).forEach((tensor, index) => {
    if (shapes[index]!.length === 1)
      tensor.forEach((_, i) => {
        tensor[i] = draw();
      });
  });
  const examples = examplesFor(model, draw);

  test('[O-6] as tfjs archive is read by `loadLayersModel` and predicts what the trainer predicts', async () => {
    const files = unzipSync(await whole(tfjsArchive(await namedTopology(model), parameters)));
    const loaded = await loadLayersModel(
      tf.io.http('http://export/model.json', {
        fetchFunc: async (url) => new Response(files[new URL(String(url)).pathname.slice(1)] as BodyInit),
      }),
    );
    const predicted = (loaded.predict(inputTensor(model, examples)) as tf.Tensor).dataSync() as Float32Array;

    const probabilities = await probabilitiesOf(model, parameters, examples);
    predicted.forEach((value, i) => {
      expect(Math.abs(value - probabilities[i]!)).toBeLessThan(1e-5);
    });
    expect(predicted.length).toBe(probabilities.length);
    // Untrained models that say the same of everything would agree, too.
    expect(new Set(Array.from(predicted, (value) => value.toFixed(3))).size).toBeGreaterThan(5);
  });

  test('[O-6] as safetensors is what the format says: an aligned header, then every tensor where it claims to be', async () => {
    const file = Buffer.from(
      await whole(safetensorsFile(parameters, { model, metadata: { name: 'ünïcode "name"' } })),
    );
    const { tensors, metadata, headerBytes } = readSafetensors(file);
    expect(headerBytes % 8).toBe(0);
    expect(metadata).toEqual({ name: 'ünïcode "name"' });
    expect([...tensors.keys()]).toEqual(parameterTensors(model).map(({ name }) => name));
    expect([...tensors.values()].map(({ shape }) => shape)).toEqual(shapes);
    expect([...tensors.values()].flatMap(({ values }) => values)).toEqual([...parameters.values]);
  });
});

test('a large model is cut into shards of 4 MiB, and the same model gives the same bytes', async () => {
  const model: ModelSpec = { kind: 'softmax-regression', inputSize: 300_000, classes: 7 };
  const shapes = parameterShapes(model);
  const values = Float32Array.from({ length: parameterCount(shapes) }, (_, index) => index % 1009);
  const make = async () => whole(tfjsArchive(await namedTopology(model), { shapes, values }));
  const archive = await make();
  const files = unzipSync(archive);
  const { paths } = JSON.parse(strFromU8(files['model.json']!)).weightsManifest[0];
  expect(paths).toEqual(['group1-shard1of3.bin', 'group1-shard2of3.bin', 'group1-shard3of3.bin']);
  const weights = Buffer.concat(paths.map((path: string) => files[path]!));
  expect(Buffer.compare(weights, Buffer.from(values.buffer))).toBe(0);
  expect(Buffer.compare(archive, await make())).toBe(0);
});

async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return new Uint8Array(Buffer.concat(all));
}

function examplesFor(model: ModelSpec, draw: () => number): ExampleSet {
  const count = 40;
  const inputShape = modelInputShape(model);
  const classes = modelClasses(model);
  const pick = (): number => Math.min(classes - 1, Math.floor(((draw() + 1) / 2) * classes));
  return {
    count,
    inputShape,
    inputs: Float32Array.from({ length: count * tensorSize(inputShape) }, () =>
      model.kind === 'char-gru' ? pick() : draw(),
    ),
    labelsPerExample: labelsPerExample(model),
    labels: Int32Array.from({ length: count * labelsPerExample(model) }, pick),
  };
}

function inputTensor(model: ModelSpec, { count, inputs, inputShape }: ExampleSet): tf.Tensor {
  if (model.kind !== 'char-gru') return tf.tensor(inputs, [count, ...inputShape]);
  const { sequenceLength, vocabularySize } = model;
  const characters = tf.tensor1d(Int32Array.from(inputs), 'int32');
  return tf.reshape(tf.oneHot(characters, vocabularySize), [count, sequenceLength, vocabularySize]);
}

/** From the definitions: the share of rows whose largest probability is the label's, and the mean of -ln p(label). */
async function probabilitiesOf(
  model: ModelSpec,
  parameters: ParameterSet,
  examples: ExampleSet,
): Promise<ArrayLike<number>> {
  if (model.kind !== 'layers') return referenceProbabilities(model, { parameters, frozen: null, examples });
  const trainer = await createTrainer(model.kind === 'layers' ? { model, prefer: 'cpu' } : { model });
  const { probabilities } = await trainer.predict({ model, parameters, examples });
  await trainer.dispose();
  return probabilities;
}

/** Written from the format's description, and from nothing else. */
function readSafetensors(file: Buffer) {
  const headerBytes = Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(
    file.subarray(8, 8 + headerBytes).toString('utf8'),
  );
  let end = 0;
  const tensors = new Map(
    Object.entries(
      entries as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>,
    ).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        expect(dtype).toBe('F32');
        // No holes: the format forbids them.
        expect(from).toBe(end);
        end = to;
        expect(to - from).toBe(4 * shape.reduce((size, dimension) => size * dimension, 1));
        const start = 8 + headerBytes + from;
        const values = Array.from({ length: (to - from) / 4 }, (_, i) => file.readFloatLE(start + 4 * i));
        return [name, { shape, values }] as const;
      },
    ),
  );
  expect(8 + headerBytes + end).toBe(file.length);
  return { tensors, metadata, headerBytes };
}
