/** The shaders, on whatever adapter the browser gives; also on a CPU that plays GPU, and it says so by its name. */
import type { EngineSpec } from '../network/engine.ts';
import { gradientFlow } from '../network/gradient-flow.ts';
import { type BatchFields, encodeBatch } from '../webgpu/batch-control.ts';
import { type Gpu, openGpu } from '../webgpu/device.ts';
import { type Dispatch, dispatchOver, inAll } from '../webgpu/dispatch.ts';
import { COPY_DST, STORAGE, UNIFORM } from '../webgpu/flags.ts';
import { type GpuMemory, gpuMemoryLayout, takeMemory } from '../webgpu/memory.ts';
import { placeOperation } from '../webgpu/operations/index.ts';
import { createPass } from '../webgpu/pass.ts';
import { slopeDuties } from '../webgpu/relu-slope.ts';
import { type BufferRange, readsRaw, writesRaw } from '../webgpu/storage.ts';
import { createWebGpuEngine } from '../webgpu/webgpu-engine.ts';
import { type KernelProbe, workOf } from './kernel-probes.ts';
import type { Measurable, MeasuredBackend, MissingBackend } from './measured-backend.ts';

/** Examples of a call. */
const EXAMPLES = 32;
/** Three of 16 MB. */
const TRIAD_LENGTH = 4 << 20;
const INVOCATIONS = 16_384;
const ROUNDS = 64;
/** Eight independent chains of four lanes. */
const MULTIPLY_ADDS_PER_ROUND = 32;

export async function openWebGpuBackend(): Promise<MeasuredBackend | MissingBackend> {
  const opened = await openGpu({ allowSoftwareAdapter: true });
  if (!opened.usable) return { reason: opened.reason };
  const { gpu } = opened;
  const runner = createRunner(gpu);
  return {
    name: 'webgpu',
    adapter: gpu.adapter,
    multiplyAdds: {
      work: { flops: 2 * MULTIPLY_ADDS_PER_ROUND * ROUNDS * INVOCATIONS, bytes: 0 },
      run: runner.repeating(() => [multiplyAddDispatch(runner.buffer(4 * INVOCATIONS))]),
    },
    triad: {
      work: { flops: 2 * TRIAD_LENGTH, bytes: 3 * 4 * TRIAD_LENGTH },
      run: runner.repeating(() => {
        const [x, y, target] = [0, 1, 2].map(() => runner.buffer(4 * TRIAD_LENGTH));
        return [triadDispatch({ x, y, target })];
      }),
    },
    forward: (probe) => kernel(probe, 'forward'),
    backward: (probe) => kernel(probe, 'backward'),
    layout: gpuMemoryLayout(gpu.tiles),
    engine: (spec) => createWebGpuEngine(gpu, spec),
    dispose() {
      runner.release();
      gpu.close();
    },
  };

  function kernel(probe: KernelProbe, pass: 'forward' | 'backward'): Measurable {
    const work = workOf(probe[pass]!, EXAMPLES);
    const run = runner.repeating(() => {
      const memory = takeMemory(gpu, specOf(probe));
      runner.onRelease(memory.release);
      return place(gpu, probe, memory)[pass];
    });
    return { work, run };
  }
}

const specOf = ({ network }: KernelProbe): EngineSpec => ({
  network,
  optimiser: { kind: 'sgd', learningRate: 0 },
  batchSize: EXAMPLES,
  clipping: null,
  examplesPerPass: EXAMPLES,
});

function place(gpu: Gpu, { network, index }: KernelProbe, memory: GpuMemory) {
  return placeOperation(network.operations[index], {
    network,
    examplesPerPass: EXAMPLES,
    flow: gradientFlow(network)[index],
    device: gpu.traits,
    tiles: gpu.tiles,
    slope: slopeDuties(network)[index],
    saved: memory.saved(index),
    scratch: memory.scratch,
    value: memory.value,
    gradient: memory.gradientOf,
    parameter: memory.parameter,
    parameterGradient: memory.parameterGradient,
  });
}

const FIELDS: BatchFields = {
  accumulates: true,
  gradientScale: 1,
  corrections: [1, 1],
  earlierMicrobatches: 0,
  microbatchWeight: 1,
};

/** Runs dispatches again and again, as one command buffer. */
function createRunner(gpu: Gpu) {
  const { device } = gpu;
  const releases: (() => void)[] = [];
  const take = (size: number, usage: number): GPUBuffer => {
    const buffer = device.createBuffer({ size, usage });
    releases.push(() => buffer.destroy());
    return buffer;
  };
  const batch = encodeBatch(FIELDS, new Int32Array(EXAMPLES));
  const control = take(batch.byteLength, UNIFORM | COPY_DST);
  device.queue.writeBuffer(control, 0, batch);
  const submitPass = createPass(gpu, control);
  return {
    buffer(size: number): BufferRange {
      return { buffer: take(size, STORAGE), offset: 0, size, access: 'read_write' };
    },
    repeating(dispatches: () => readonly Dispatch[]): (times: number) => Promise<void> {
      let prepared: Promise<ReturnType<Gpu['bind']>[]> | null = null;
      const prepare = async () => {
        const all = dispatches();
        await Promise.all(all.map(gpu.compile));
        return all.map(gpu.bind);
      };
      return async (times) => {
        prepared ??= prepare();
        submitPass(await prepared, EXAMPLES, times);
        await device.queue.onSubmittedWorkDone();
        const failure = gpu.failure();
        if (failure) throw failure;
      };
    },
    onRelease(release: () => void): void {
      releases.push(release);
    },
    release() {
      for (const release of releases) release();
    },
  };
}

const CHAINS = Array.from({ length: 8 }, (_, chain) => `c${chain}`);

function multiplyAddDispatch(target: BufferRange): Dispatch {
  return dispatchOver({
    label: 'multiply-adds',
    count: inAll(INVOCATIONS),
    bindings: { sums: writesRaw(target, 'f32') },
    // The start depends on the invocation, so that no compiler computes it once for all.
    body: `let x = vec4<f32>(0.999);
  let y = vec4<f32>(0.001);
  ${CHAINS.map((name, chain) => `var ${name} = vec4<f32>(f32(i) * ${(chain + 1) / 1e6});`).join('\n  ')}
  for (var round = 0u; round < ${ROUNDS}u; round++) {
    ${CHAINS.map((name) => `${name} = fma(${name}, x, y);`).join('\n    ')}
  }
  sums[i] = dot(${CHAINS.join(' + ')}, x);`,
  });
}

function triadDispatch(of: {
  readonly x: BufferRange;
  readonly y: BufferRange;
  readonly target: BufferRange;
}): Dispatch {
  return dispatchOver({
    label: 'triad',
    count: inAll(TRIAD_LENGTH / 4),
    bindings: {
      x: readsRaw(of.x, 'vec4<f32>'),
      y: readsRaw(of.y, 'vec4<f32>'),
      target_data: writesRaw(of.target, 'vec4<f32>'),
    },
    body: 'target_data[i] = x[i] + 1.5 * y[i];',
  });
}
