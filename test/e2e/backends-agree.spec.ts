/** The same person with the same data: one run trains on WebGPU, one on WASM; the updates agree. */
import { decodeFrame, plainSha256, type TaskManifestInput } from '@tributary/fl-core';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';

/** One batch holds everything, so the seeded order of examples, which differs between devices, has no say. */
const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'One tab',
  seed: 'one-tab',
  model: { kind: 'mlp', inputSize: 784, hidden: [32], classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 5, batchSize: 1024 },
  rounds: { committedRounds: 1, reportGoal: 1, overSelection: 1, minimumSurvivors: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
};

test('the same data gives the same update on WebGPU and on WASM, within tolerance', async ({
  coordinator,
  joinRun,
}) => {
  const files = await writeShard(loadDigits(), { start: 0, count: 60 });
  const models: Float32Array[] = [];
  for (const backend of ['webgpu', 'wasm']) {
    const { runId } = await coordinator.createRun(MANIFEST);
    const initial = decodeFrame(await coordinator.exportModel(runId), { sha256: plainSha256 });
    await coordinator.steer(runId, 'launch');
    const tab = await joinRun(runId, { name: backend, backend });
    // What is held back is chosen by the device; hold the two devices to the same choice.
    await tab.takePart(files);
    await expect.poll(() => tab.phase(), { timeout: 120_000 }).toBe('ended');
    expect((await tab.backend()).name).toBe(backend);
    const trained = decodeFrame(await coordinator.exportModel(runId), { sha256: plainSha256 });
    models.push(trained.values.map((value, i) => value - initial.values[i]!));
    await tab.close();
  }
  const [onWebgpu, onWasm] = models as [Float32Array, Float32Array];
  const difference = norm(onWebgpu.map((value, i) => value - onWasm[i]!));
  expect(norm(onWasm), 'training moved the model').toBeGreaterThan(0.1);
  expect(difference / norm(onWasm)).toBeLessThan(1e-3);
});

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
