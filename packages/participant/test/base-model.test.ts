/** Adapted models: the base that participants fetch once, and train on without sending it back. */
import {
  blobHashOf,
  decodeFrame,
  encodeFrame,
  frozenParameters,
  initialParameters,
  type ModelSpec,
  parameterShapes,
  parseManifest,
  plainSha256,
} from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { createMemoryStorage, createMemoryVault, fetchSharedModel, privateDataOf } from '../src/index.ts';
import { createMeasuredTrainer } from './measured-trainer.ts';
import { aCoordinator, aParticipant, reached, until, watch } from './participant-scene.ts';
import { RUN_ID, TASK } from './small-coordinator.ts';

const BASE = {
  kind: 'char-transformer',
  vocabularySize: 3,
  sequenceLength: 2,
  width: 4,
  heads: 2,
  blocks: 1,
} as const satisfies ModelSpec;
const base = initialParameters(BASE, 'base');
const frame = encodeFrame(base, plainSha256);
const adapting = (baseModel: string): ModelSpec => ({
  ...BASE,
  adaptation: { kind: 'lora', rank: 1, scale: 1, baseModel },
});
const model = adapting(blobHashOf(frame));
const task = { ...TASK, model, data: { kind: 'text', alphabet: 'abc', sequenceLength: 2 } } as const;
const manifest = parseManifest(task);

async function someText() {
  const vault = createMemoryVault('device');
  await vault.create(
    { name: 'some', schema: manifest.data, source: { kind: 'generated' }, encrypted: false },
    {
      inputs: Float32Array.from({ length: 80 }, (_, i) => i % 3),
      rowSize: 2,
      labelsPerExample: 2,
      labels: Array.from({ length: 80 }, (_, i) => (i + 1) % 3),
    },
  );
  return privateDataOf(vault, { runId: RUN_ID, data: manifest.data });
}

const requestsIn = (entries: readonly { subject: string; bytes: number }[]) =>
  entries.filter(({ subject }) => subject === 'model-request');

describe('the base model of an adapted one', () => {
  it('[P-14] comes once for all rounds, and again for no later run; only adapters are sent', async () => {
    const coordinator = await aCoordinator({ task, rounds: 2, base: frame });
    const trainer = createMeasuredTrainer();
    const storage = createMemoryStorage();
    const data = await someText();
    const { url: coordinatorUrl, manifest } = coordinator;
    const options = { coordinatorUrl, manifest, trainer, storage, data };
    const participant = await aParticipant(options);
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    expect(seen.faults).toEqual([]);
    expect(coordinator.baseDownloads.count).toBe(1);
    expect(trainer.requests.map(({ frozen }) => frozen)).toEqual([base, base]);
    expect(trainer.requests[1]?.frozen).toBe(trainer.requests[0]?.frozen);
    for (const upload of coordinator.uploads)
      expect(decodeFrame(upload, { sha256: plainSha256 }).shapes).toEqual(parameterShapes(model));
    // [L-1] One request for it, and one for the model of each round; the final model may follow.
    const requests = requestsIn(seen.entries);
    expect(requests.slice(0, 3).map(({ bytes }) => bytes)).toEqual([0, 0, 0]);

    const again = await aCoordinator({ task, base: frame });
    const later = await aParticipant({ ...options, coordinatorUrl: again.url, storage: forgetting(storage) });
    await later.start();
    await reached(later, 'ended');
    expect(trainer.requests).toHaveLength(3);
    expect(trainer.requests[2]?.frozen).toEqual(base);
    expect(again.baseDownloads.count).toBe(0);
  });

  it('[P-14] is followed by the factor that does not train, which does not travel', async () => {
    const { adaptation, ...sizes } = model as typeof BASE & { adaptation: object };
    const halfTrained = { ...sizes, adaptation: { ...adaptation, trains: 'b' } } as ModelSpec;
    const coordinator = await aCoordinator({ task: { ...task, model: halfTrained }, base: frame });
    const trainer = createMeasuredTrainer();
    const participant = await aParticipant({
      ...{ coordinatorUrl: coordinator.url, manifest: coordinator.manifest },
      ...{ trainer, storage: createMemoryStorage(), data: await someText() },
    });
    await participant.start();
    await reached(participant, 'ended');
    expect(trainer.requests[0]?.frozen).toEqual(frozenParameters(halfTrained, base));
    expect(coordinator.uploads.length).toBeGreaterThan(0);
    for (const upload of coordinator.uploads)
      expect(decodeFrame(upload, { sha256: plainSha256 }).shapes).toEqual([
        [1, 12],
        [1, 4],
      ]);
  });

  it('[P-14] is asked for anew when what was kept is no longer what its hash says', async () => {
    const coordinator = await aCoordinator({ task, base: frame });
    const storage = createMemoryStorage();
    await storage.saveBaseModel(
      blobHashOf(frame),
      frame.map((byte) => byte ^ 1),
    );
    const trainer = createMeasuredTrainer();
    const participant = await aParticipant({
      ...{ coordinatorUrl: coordinator.url, manifest: coordinator.manifest },
      ...{ trainer, storage, data: await someText() },
    });
    await participant.start();
    await reached(participant, 'ended');
    expect(coordinator.baseDownloads.count).toBe(1);
    expect(trainer.requests[0]?.frozen).toEqual(base);
    expect(await storage.loadBaseModel(blobHashOf(frame))).toEqual(frame);
  });

  it.each([
    [
      'bytes of another hash',
      model,
      encodeFrame(initialParameters(BASE, 'other'), plainSha256),
      'blob-corrupt',
    ],
    ...[encodeFrame(initialParameters({ ...BASE, blocks: 2 }, 'base'), plainSha256)].map(
      (larger) => ['a model of other sizes', adapting(blobHashOf(larger)), larger, 'frame-shape'] as const,
    ),
  ] as const)('[P-14] nothing trains on %s', async (_what, asked, served, code) => {
    const coordinator = await aCoordinator({ task: { ...task, model: asked }, base: served });
    const trainer = createMeasuredTrainer();
    const storage = createMemoryStorage();
    const participant = await aParticipant({
      ...{ coordinatorUrl: coordinator.url, manifest: coordinator.manifest },
      ...{ trainer, storage, data: await someText() },
    });
    const seen = watch(participant);
    await participant.start();
    await until(() => seen.faults.length > 0);
    expect(seen.faults[0]?.code).toBe(code);
    expect(trainer.requests).toEqual([]);
    expect(await storage.loadBaseModel(blobHashOf(served))).toBeNull();
  });

  it('comes with a shared model that is only looked at', async () => {
    const coordinator = await aCoordinator({ task, base: frame });
    const shared = await fetchSharedModel({
      coordinatorUrl: coordinator.url,
      runId: RUN_ID,
      manifest,
      modelHash: coordinator.modelHash,
      storage: createMemoryStorage(),
      signal: new AbortController().signal,
    });
    expect(shared).toEqual({ parameters: coordinator.initial, frozen: base });
  });
});

/** The same device in another run: what belongs to the first one is not there. */
function forgetting(storage: ReturnType<typeof createMemoryStorage>) {
  return { ...storage, loadParticipation: async () => null };
}
