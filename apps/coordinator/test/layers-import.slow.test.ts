/** Layers models from elsewhere, as runs begin with them. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { type LayersModel, layers, loadLayersModel, sequential } from '@tensorflow/tfjs-layers';
import {
  type ImportedModel,
  importedModelSchema,
  parseManifest,
  problemSchema,
  runSummarySchema,
  type TaskManifest,
  type TaskManifestInput,
} from '@tributary/fl-core';
import { strFromU8, strToU8, unzipSync, type Zippable, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { importLayers } from '../src/layers-import/import-layers.ts';
import { smallTask } from './small-task.ts';

let coordinator: Coordinator;
beforeAll(async () => {
  await tf.setBackend('cpu');
  coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent' });
});
afterAll(() => coordinator.close());

const PICTURES = { kind: 'image', height: 6, width: 5, channels: 1, labels: ['a', 'b', 'c'] } as const;

describe('a saved layers model', () => {
  test('[M-5] begins a run with its weights, and leaves as what it came', async () => {
    const theirs = network();
    const imported = await importedFrom(await saved(theirs));
    expect(imported.model).toMatchObject({ kind: 'layers', inputShape: [6, 5, 1], classes: 3 });
    const created = await create(manifestWith(imported));
    expect(created.status).toBe(201);
    const { runId, modelHash } = runSummarySchema.parse(await created.json());
    expect(modelHash).toBe(imported.modelHash);
    const ours = await exported(runId);
    const input = tf.randomNormal([4, 6, 5, 1], 0, 1, 'float32', 3);
    expect(values(ours.predict(input))).toEqual(values(theirs.predict(input)));
  });

  test('[M-5] begins a run also as the model of another run, of whatever kind', async () => {
    const { state } = await coordinator.createRun(parseManifest(smallTask()));
    const other = { ...parseManifest(smallTask()), seed: 'another', initialModel: state.modelHash };
    const created = await create(other);
    expect(runSummarySchema.parse(await created.json()).modelHash).toBe(state.modelHash);
    const card = await (await get(`runs/${(await latestRun()).runId}/export?format=card`)).text();
    expect(card).toContain(`Began with the model \`${state.modelHash}\``);
  });

  test('[M-5] is refused by a run with other sizes, and by one that names no model that is here', async () => {
    const imported = await importedFrom(await saved(network()));
    const messages = [];
    for (const manifest of [
      { ...parseManifest(smallTask()), initialModel: imported.modelHash },
      { ...manifestWith(imported), initialModel: 'ab'.repeat(32) },
    ]) {
      const response = await create(manifest);
      messages.push({ status: response.status, ...problemSchema.parse(await response.json()) });
    }
    const fault = { status: 422, code: 'manifest-invalid' };
    expect(messages).toEqual([
      { ...fault, message: expect.stringMatching(/^initialModel: .* other sizes/) },
      { ...fault, message: expect.stringMatching(/^initialModel: there is no model/) },
    ]);
  });

  test('is read with its weights in half precision, in shards, in a folder, and as a page downloads it', async () => {
    const whole = await saved(network());
    const expected = await importedFrom(whole);
    const weights = whole['weights.bin'] as Uint8Array;
    const document = JSON.parse(strFromU8(whole['model.json'] as Uint8Array));
    const cut = structuredClone(document);
    cut.weightsManifest[0].paths = ['a.bin', 'b.bin'];
    const inShards = {
      'theirs/': new Uint8Array(),
      'theirs/my-model.json': strToU8(JSON.stringify(cut)),
      'theirs/a.bin': weights.subarray(0, 101),
      'theirs/b.bin': weights.subarray(101),
    };
    expect(await importedFrom(inShards)).toEqual(expected);
    const half = structuredClone(document);
    for (const weight of half.weightsManifest[0].weights) weight.quantization = { dtype: 'float16' };
    const halved = await importedFrom({
      'model.json': strToU8(JSON.stringify(half)),
      // The bits of 1 in half precision.
      'weights.bin': new Uint8Array(new Uint16Array(weights.length / 4).fill(0x3c00).buffer),
    });
    expect(halved.model.parameterShapes).toEqual(expected.model.parameterShapes);
  });
});

describe('an upload that is no such model', () => {
  const FAULTS: readonly (readonly [string, () => Promise<Zippable | Uint8Array>, string, RegExp])[] = [
    ['no zip', async () => new Uint8Array(1000), 'model-file-invalid', /zip/],
    ['a zip without a topology', async () => ({ 'a.txt': new Uint8Array(3) }), 'model-file-invalid', /not 0/],
    [
      'two topologies',
      async () => ({ ...(await saved(network())), 'b.json': strToU8('{}') }),
      'model-file-invalid',
      /not 2/,
    ],
    ['no JSON', async () => ({ 'model.json': strToU8('{') }), 'model-file-invalid', /not JSON/],
    [
      'another JSON',
      async () => ({ 'model.json': strToU8('{"a":1}') }),
      'model-file-invalid',
      /modelTopology/,
    ],
    [
      'a model without its shard',
      async () => ({ 'model.json': (await saved(network()))['model.json']! }),
      'model-file-invalid',
      /weights\.bin is missing/,
    ],
    [
      'weights that end early',
      async () => ({ ...(await saved(network())), 'weights.bin': new Uint8Array(64) }),
      'model-weights-invalid',
      /do not fit/,
    ],
    [
      'weights of another shape',
      () => edited((document) => document.weightsManifest[0].weights[0].shape.reverse()),
      'model-weights-invalid',
      /Shape mismatch/,
    ],
    [
      'weights of another name',
      () =>
        edited((document) => {
          document.weightsManifest[0].weights[0].name = 'who';
        }),
      'model-weights-invalid',
      /who/,
    ],
    [
      'a weight too few',
      () => edited((document) => document.weightsManifest[0].weights.pop()),
      'model-weights-invalid',
      /fit/,
    ],
    [
      'a weight that is not finite',
      async () => ({
        ...(await saved(network())),
        'weights.bin': new Uint8Array(new Float32Array(1e4).fill(Number.NaN).buffer),
      }),
      'model-weights-invalid',
      /finite/,
    ],
    [
      'a layer that nobody knows',
      () =>
        edited((document) => {
          document.modelTopology.config.layers[1].class_name = 'Oracle';
        }),
      'model-unsupported',
      /Oracle/,
    ],
    [
      'batch normalisation',
      () =>
        saved(
          sequential({ layers: [layers.dense({ units: 3, inputShape: [4] }), layers.batchNormalization()] }),
        ),
      'model-unsupported',
      /batch normalisation/,
    ],
    [
      'sizes that are open',
      () =>
        saved(
          sequential({
            layers: [
              layers.conv2d({ filters: 2, kernelSize: 2, inputShape: [null, null, 1] }),
              layers.globalAveragePooling2d({}),
            ],
          }),
        ),
      'model-unsupported',
      /fixed sizes/,
    ],
    [
      'one score alone',
      () => saved(sequential({ layers: [layers.dense({ units: 1, inputShape: [4] })] })),
      'model-unsupported',
      /two classes/,
    ],
    [
      'what tfjs reads and cannot train',
      () =>
        saved(
          sequential({
            layers: [
              layers.dense({ units: 4, inputShape: [4] }),
              layers.thresholdedReLU({ theta: 0.1 }),
              layers.dense({ units: 2 }),
            ],
          }),
        ),
      'model-unsupported',
      /cannot train/,
    ],
  ];

  test.each(FAULTS)('is refused when it is %s', async (_what, make, code, message) => {
    const content = await make();
    const response = await upload(content instanceof Uint8Array ? content : zipSync(content));
    expect(response.ok).toBe(false);
    expect(problemSchema.parse(await response.json())).toEqual({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('is refused before it is unpacked when it would be too large', async () => {
    const bomb = Buffer.from(zipSync({ 'a.bin': new Uint8Array(10) }));
    // What the archive says of the file, unpacked: in its directory (APPNOTE.TXT 4.3.12).
    bomb.writeUInt32LE(240_000_000, bomb.indexOf('PK\x01\x02') + 24);
    const response = await upload(bomb);
    expect(response.status).toBe(413);
    expect(problemSchema.parse(await response.json()).code).toBe('message-too-large');
  });
});

const authorised = () => ({ authorization: `Bearer ${coordinator.operatorToken}` });
const get = (path: string) => fetch(`${coordinator.url}/v1/admin/${path}`, { headers: authorised() });
test('a saved layers model that takes too long to read and train is given up', async () => {
  const zip = zipSync(await saved(network()));
  await expect(importLayers(zip, { deadlineMs: 1 })).rejects.toMatchObject({ code: 'model-unsupported' });
  await expect(importLayers(zip)).resolves.toMatchObject({ model: { kind: 'layers' } });
});

const upload = (zip: Uint8Array) =>
  fetch(`${coordinator.url}/v1/admin/models/layers`, {
    method: 'POST',
    headers: { ...authorised(), 'content-type': 'application/octet-stream' },
    body: zip as Uint8Array<ArrayBuffer>,
  });
const create = (manifest: TaskManifest | TaskManifestInput) =>
  fetch(`${coordinator.url}/v1/admin/runs`, {
    method: 'POST',
    headers: { ...authorised(), 'content-type': 'application/json' },
    body: JSON.stringify({ manifest }),
  });

async function latestRun() {
  const all = (await (await get('runs')).json()) as { runId: string }[];
  return all.at(-1)!;
}

async function importedFrom(files: Zippable): Promise<ImportedModel> {
  const response = await upload(zipSync(files, { level: 0 }));
  const body = await response.json();
  expect(body).toMatchObject({ modelHash: expect.any(String) });
  return importedModelSchema.parse(body);
}

function manifestWith({ model, modelHash }: ImportedModel): TaskManifestInput {
  return {
    ...smallTask(),
    model,
    data: { ...PICTURES, labels: [...PICTURES.labels] },
    initialModel: modelHash,
  };
}

async function exported(runId: string): Promise<LayersModel> {
  const files = unzipSync(
    new Uint8Array(await (await get(`runs/${runId}/export?format=tfjs`)).arrayBuffer()),
  );
  return loadLayersModel(
    tf.io.http('http://export/model.json', {
      fetchFunc: async (url) => new Response(files[new URL(String(url)).pathname.slice(1)] as BodyInit),
    }),
  );
}

/** Convolutions, a normalisation and an odd name, with weights that nobody initialised. */
function network(): LayersModel {
  const model = sequential({
    layers: [
      layers.conv2d({
        filters: 3,
        kernelSize: 2,
        activation: 'relu',
        inputShape: [6, 5, 1],
        name: 'their-own_name',
      }),
      layers.layerNormalization({ axis: -1 }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  model.setWeights(
    model.getWeights().map((weight, index) => tf.randomNormal(weight.shape, 0, 0.5, 'float32', index + 1)),
  );
  return model;
}

async function saved(model: LayersModel): Promise<Zippable> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = artifacts!;
  return {
    'model.json': strToU8(
      JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] }),
    ),
    'weights.bin': new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData!)),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the document is broken on purpose
async function edited(change: (document: any) => void): Promise<Zippable> {
  const files = await saved(network());
  const document = JSON.parse(strFromU8(files['model.json'] as Uint8Array));
  change(document);
  return { ...files, 'model.json': strToU8(JSON.stringify(document)) };
}

const values = (tensor: tf.Tensor | tf.Tensor[]): number[] => [...(tensor as tf.Tensor).dataSync()];
