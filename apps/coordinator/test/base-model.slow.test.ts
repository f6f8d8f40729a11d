/** Runs that adapt a model: where it may come from, and who may have it. */
import {
  adaptedManifest,
  type BlobHash,
  blobHashOf,
  encodeFrame,
  initialParameters,
  mergedModel,
  modelUploadedSchema,
  parameterShapes,
  parameterTensors,
  parseManifest,
  problemSchema,
  runSummarySchema,
  type TaskManifest,
  wholeAdapters,
} from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { onnxFile } from '../src/export/onnx/onnx-file.ts';
import { onnxModel } from '../src/export/onnx/onnx-model.ts';
import { nativeSha256 } from '../src/native-sha256.ts';
import { getModel } from './participant-driver.ts';
import { smallTask } from './small-task.ts';

const WHOLE: TaskManifest = parseManifest({
  ...smallTask(),
  model: { kind: 'char-transformer', vocabularySize: 3, sequenceLength: 5, width: 8, heads: 2, blocks: 1 },
  data: { kind: 'text', alphabet: 'abc', sequenceLength: 5 },
});
const frameOf = (seed: string) => encodeFrame(initialParameters(WHOLE.model, seed), nativeSha256);
const adapting = (baseModel: BlobHash, trains?: 'both' | 'b') =>
  adaptedManifest(WHOLE, { baseModel, name: 'adapted', ...(trains && { trains }) });

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent' });
});
afterAll(() => coordinator.close());

const post = (path: string, type: string, body: BodyInit, token = coordinator.operatorToken) =>
  fetch(`${coordinator.url}/v1/admin/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body,
  });
const get = (path: string) =>
  fetch(`${coordinator.url}/v1/admin/${path}`, {
    headers: { authorization: `Bearer ${coordinator.operatorToken}` },
  });
async function wholeOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}
const create = (manifest: TaskManifest) => post('runs', 'application/json', JSON.stringify({ manifest }));
const upload = (frame: Uint8Array, type = 'application/octet-stream') =>
  post('models', type, frame as Uint8Array<ArrayBuffer>);
const isServed = async (hash: BlobHash) =>
  (await fetch(`${coordinator.url}/v1/models/${hash}`)).status === 200;

describe('a run that adapts a model', () => {
  test('starts from the model of another run, with adapters alone as its own first model', async () => {
    const whole = await coordinator.createRun(WHOLE);
    const response = await create(adapting(whole.state.modelHash));
    expect(response.status).toBe(201);
    const { modelHash, name } = runSummarySchema.parse(await response.json());
    expect(name).toBe('adapted');
    const first = encodeFrame(
      initialParameters(adapting(whole.state.modelHash).model, WHOLE.seed),
      nativeSha256,
    );
    expect(modelHash).toBe(blobHashOf(first));
    expect(await getModel(coordinator.url, modelHash)).toEqual(first);
  });

  test('[O-6] leaves as ONNX with the base model in it, and never as layers of tfjs, which have no attention', async () => {
    const whole = await coordinator.createRun(WHOLE);
    const manifest = adapting(whole.state.modelHash);
    const { runId, modelHash } = runSummarySchema.parse(await (await create(manifest)).json());
    const exported = await get(`runs/${runId}/export?format=onnx`);
    const expected = onnxModel({
      model: manifest.model,
      parameters: initialParameters(manifest.model, WHOLE.seed),
      frozen: initialParameters(WHOLE.model, WHOLE.seed),
      metadata: {
        name: 'adapted',
        model: 'char-transformer',
        modelHash,
        roundNumber: '0',
        committedRounds: '0',
      },
    });
    expect(Buffer.from(await exported.arrayBuffer())).toEqual(
      Buffer.concat(await wholeOf(onnxFile(expected))),
    );
    const refused = await get(`runs/${runId}/export?format=tfjs`);
    expect(refused.status).toBe(422);
    expect(problemSchema.parse(await refused.json())).toMatchObject({ code: 'model-unsupported' });
  });

  test('[M-4] starts from an uploaded frame, which is served once a run adapts it', async () => {
    const frame = frameOf('from elsewhere');
    const hash = blobHashOf(frame);
    expect((await create(adapting(hash))).status).toBe(422);
    const uploaded = await upload(frame);
    expect(uploaded.status).toBe(201);
    expect(modelUploadedSchema.parse(await uploaded.json())).toEqual({
      modelHash: hash,
      bytes: frame.length,
    });
    expect(await isServed(hash)).toBe(false);
    expect((await create(adapting(hash))).status).toBe(201);
    expect(await isServed(hash)).toBe(true);
    expect(await getModel(coordinator.url, hash)).toEqual(frame);
  });

  test('[M-4] is refused when no such model is here, and when the model there has other sizes', async () => {
    const run = await coordinator.createRun(smallTask());
    const faults = [];
    for (const hash of ['ab'.repeat(32) as BlobHash, run.state.modelHash]) {
      const response = await create(adapting(hash));
      faults.push({ status: response.status, ...problemSchema.parse(await response.json()) });
    }
    const fault = { status: 422, code: 'manifest-invalid' };
    expect(faults).toEqual([
      { ...fault, message: expect.stringMatching(/^model\.adaptation\.baseModel: there is no model/) },
      { ...fault, message: expect.stringMatching(/^model\.adaptation\.baseModel: .* has other sizes/) },
    ]);
  });
});

test.each(['both', 'b'] as const)(
  '[O-6] an adapted model leaves merged into its base, and as adapters alone, of which %s trained',
  async (trains) => {
    const whole = await coordinator.createRun(WHOLE);
    const manifest = adapting(whole.state.modelHash, trains);
    const { model } = manifest;
    const adapted = runSummarySchema.parse(await (await create(manifest)).json());
    const save = async (format: string) => {
      const path = `runs/${adapted.runId}/export?format=${format}`;
      const headers = { authorization: `Bearer ${coordinator.operatorToken}` };
      return new Uint8Array(
        await (await fetch(`${coordinator.url}/v1/admin/${path}`, { headers })).arrayBuffer(),
      );
    };
    const namesIn = (file: Uint8Array) => {
      const length = Number(new DataView(file.buffer).getBigUint64(0, true));
      const { __metadata__: _, ...tensors } = JSON.parse(
        new TextDecoder().decode(file.subarray(8, 8 + length)),
      );
      return Object.keys(tensors);
    };
    const valuesIn = (file: Uint8Array, count: number) => new Float32Array(file.slice(-4 * count).buffer);
    const adapters = initialParameters(model, WHOLE.seed);
    const { parameters } = mergedModel(model, adapters, initialParameters(WHOLE.model, WHOLE.seed));
    const merged = await save('safetensors');
    expect(namesIn(merged)).toEqual(parameterTensors(WHOLE.model).map(({ name }) => name));
    expect(valuesIn(merged, parameters.values.length)).toEqual(parameters.values);
    const alone = await save('adapters');
    const both = wholeAdapters(model, adapters);
    expect(namesIn(alone)).toEqual(parameterTensors(both.model).map(({ name }) => name));
    expect(namesIn(alone)).toContain('block1.attention.down');
    expect(valuesIn(alone, both.parameters.values.length)).toEqual(both.parameters.values);
    expect((await get(`runs/${adapted.runId}/export?format=onnx`)).status).toBe(200);
    const card = new TextDecoder().decode(await save('card'));
    expect(card).toContain('only these were trained and sent');
  },
);

describe('an uploaded model', () => {
  test.each([
    ['no frame at all', () => new Uint8Array(100), 'frame-magic'],
    ['a frame that is cut short', () => frameOf('short').subarray(0, -40), 'frame-length'],
    [
      'a frame with another byte',
      () => frameOf('bent').map((byte, i) => (i === 200 ? byte ^ 1 : byte)),
      'frame-checksum',
    ],
    [
      'values that are not numbers',
      () => {
        const shapes = parameterShapes(WHOLE.model);
        const values = initialParameters(WHOLE.model, 'bad').values.fill(Number.NaN, 0, 1);
        return encodeFrame({ shapes, values }, nativeSha256);
      },
      'update-not-finite',
    ],
  ])('is refused when it is %s', async (_what, frame, code) => {
    const response = await upload(frame());
    expect(response.ok).toBe(false);
    expect(problemSchema.parse(await response.json()).code).toBe(code);
  });

  test('is bytes, and of an operator', async () => {
    expect((await upload(frameOf('text'), 'text/plain')).status).toBeGreaterThanOrEqual(400);
    expect((await post('models', 'application/octet-stream', 'frame', 'nobody')).status).toBe(401);
  });
});
