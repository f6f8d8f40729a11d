/** The same tab with the same data trains one round on WebGPU and one on WASM; the updates agree. */
import { decodeFrame, plainSha256, type TaskManifestInput } from '@tributary/fl-core';
import { loadDigits, writeShard } from './fixtures/digit-files.ts';
import { expect, test } from './fixtures/index.ts';
import type { ParticipantTab } from './fixtures/participant-tab.ts';

/**
 * One batch holds all examples, so the seeded order, which differs between rounds, has no say; and the server
 * moves the model by a millionth of the update, so that both rounds start from the same model but for dust.
 */
const MANIFEST: TaskManifestInput = {
  manifestVersion: 1,
  name: 'One tab, two backends',
  seed: 'one-tab',
  model: { kind: 'mlp', inputSize: 784, hidden: [32], classes: 10 },
  data: { kind: 'image', height: 28, width: 28, channels: 1, labels: [...'0123456789'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 5, batchSize: 1024 },
  rounds: { committedRounds: 2, reportGoal: 1, overSelection: 1, minimumSurvivors: 1, comeBackSeconds: 2 },
  aggregation: { serverOptimiser: { kind: 'sgd', learningRate: 1e-6 } },
};
const TOLERANCE = 1e-3;

test('the same data gives the same update on WebGPU and on WASM, within tolerance', async ({
  coordinator,
  joinRun,
}) => {
  const { runId } = await coordinator.createRun(MANIFEST);
  const status = async () => (await coordinator.detail(runId)).summary.status;
  const tab = await joinRun(runId, { name: 'the tab', backend: 'webgpu' });
  await tab.takePart(await writeShard(loadDigits(), { start: 0, count: 60 }));
  await coordinator.steer(runId, 'launch');
  await expect.poll(() => tab.phase(), { timeout: 60_000, intervals: [50] }).toBe('training');
  await coordinator.steer(runId, 'pause');
  await expect.poll(status, { timeout: 120_000 }).toBe('paused');
  expect((await tab.backend()).name).toBe('webgpu');

  await tab.reopen({ backend: 'wasm' });
  await coordinator.steer(runId, 'resume');
  await expect.poll(() => tab.phase(), { timeout: 120_000 }).toBe('ended');
  expect((await tab.backend()).name).toBe('wasm');

  const [onWebgpu, onWasm] = updatesOf(tab) as [Float32Array, Float32Array];
  expect(norm(onWasm), 'training moved the model').toBeGreaterThan(0.05);
  const difference = norm(onWebgpu.map((value, i) => value - onWasm[i]!)) / norm(onWasm);
  test.info().annotations.push({ type: 'relative difference', description: difference.toExponential(2) });
  expect(difference).toBeLessThan(TOLERANCE);
  // Identical bits would mean that one backend did both.
  expect(difference).toBeGreaterThan(0);
});

/** Updates as the network saw them, oldest first. */
function updatesOf(tab: ParticipantTab): Float32Array[] {
  return tab.proxy
    .payloads()
    .filter((payload) => payload.toString('latin1', 0, 4) === 'TRBF')
    .map((frame) => decodeFrame(frame, { sha256: plainSha256 }).values);
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
