/** What an engine keeps on a GPU, on a device that only counts the bytes of its buffers. */
import { initialParameters } from '@tributary/fl-core';
import { expect, it } from 'vitest';
import { networkOf } from '../src/network/network-of.ts';
import type { Gpu } from '../src/webgpu/device.ts';
import { SOFTWARE_TILES } from '../src/webgpu/tiles.ts';
import { createWebGpuEngine } from '../src/webgpu/webgpu-engine.ts';
import { clouds, SGD, SOFTMAX } from './small-problems.ts';

function countingGpu() {
  const alive = new Map<object, number>();
  const pass = { setBindGroup() {}, setPipeline() {}, dispatchWorkgroups() {}, end() {} };
  const device = {
    pushErrorScope() {},
    popErrorScope: async () => null,
    createBuffer({ size }: { size: number }) {
      const buffer = { size, destroy: () => void alive.delete(buffer) };
      alive.set(buffer, size);
      return buffer;
    },
    createBindGroup: () => ({}),
    createCommandEncoder: () => ({ beginComputePass: () => pass, finish: () => ({}) }),
    queue: { writeBuffer() {}, submit() {} },
  };
  const gpu = {
    device: device as unknown as GPUDevice,
    adapter: '',
    traits: { isSoftware: true, hasHalves: false },
    tiles: SOFTWARE_TILES,
    residentBytes: 2 ** 20,
    batchLayout: {} as GPUBindGroupLayout,
    compile: async () => {},
    bind: (dispatch) => ({
      ...{ dispatch, pipeline: {} as GPUComputePipeline, bindGroup: {} as GPUBindGroup },
    }),
    failure: () => null,
    lost: new Promise(() => {}),
    close() {},
  } satisfies Gpu;
  return { gpu, bytes: () => [...alive.values()].reduce((sum, size) => sum + size, 0) };
}

it('keeps the examples of one training on the GPU, not those of trainings before', async () => {
  const { gpu, bytes } = countingGpu();
  const engine = await createWebGpuEngine(gpu, {
    network: networkOf(SOFTMAX),
    ...{ optimiser: SGD, batchSize: 8, clipping: null, examplesPerPass: 8 },
  });
  const before = bytes();
  const parameters = initialParameters(SOFTMAX, 'rounds').values;
  const batch = Int32Array.of(0, 1, 2, 3);
  const kept = Array.from({ length: 5 }, (_, round) => {
    engine.load(parameters, [], new Float32Array(0));
    const examples = clouds(SOFTMAX, 64, `round ${round}`);
    engine.step(examples, batch, 1);
    engine.step(examples, batch, 2);
    return bytes() - before;
  });
  expect(kept).toEqual(kept.map(() => 64 * 4 * (SOFTMAX.inputSize + 1)));
  engine.dispose();
  expect(bytes()).toBe(0);
});
