/** What the test calls inside the browser: small problems on WebGPU and on the reference engine, and how far they differ. */
import type { ClientOptimiser } from '@tributary/fl-core';
import type { Engine, EngineSpec, GradientClipping } from '../../../packages/training/src/network/engine.ts';
import { planMemory } from '../../../packages/training/src/network/memory-plan.ts';
import { createReferenceEngine } from '../../../packages/training/src/reference/reference-engine.ts';
import { type Gpu, openGpu } from '../../../packages/training/src/webgpu/device.ts';
import { gpuMemoryLayout } from '../../../packages/training/src/webgpu/memory.ts';
import { createWebGpuEngine } from '../../../packages/training/src/webgpu/webgpu-engine.ts';
import {
  BATCH,
  EXAMPLES,
  MODEL_PROBLEMS,
  OPERATION_PROBLEMS,
  type Problem,
} from '../../../packages/training/test/engine-problems.ts';
import { relativeDistance } from '../../../packages/training/test/small-problems.ts';

export interface Trial {
  readonly optimiser: ClientOptimiser;
  readonly steps: number;
  readonly examplesPerPass: number;
  readonly clipping: GradientClipping | null;
  /** Reads everything out after the first step and goes on in an engine that loaded it. */
  readonly isResumed: boolean;
  /** Examples travel with each pass, as of sets that are too large for the GPU. */
  readonly isTravelling: boolean;
}

export interface Outcome {
  /** Norm-wise distances from the reference. */
  readonly parameters: number;
  readonly moments: readonly number[];
  readonly logits: number;
  readonly loss: number;
  readonly bytes: { readonly planned: number; readonly taken: number };
  /** What the browser had to object to. */
  readonly failure: string | null;
}

export interface WebGpuPage {
  readonly problems: readonly string[];
  architecture(): Promise<string>;
  compare(problem: string, trial: Trial): Promise<Outcome>;
  /** Codes of the errors that a lost device leaves: of a read that was waiting, of a later one, and of `lost`. */
  lose(): Promise<readonly string[]>;
}

const PROBLEMS: Readonly<Record<string, Problem>> = { ...OPERATION_PROBLEMS, ...MODEL_PROBLEMS };

let opened: Promise<Gpu> | undefined;

async function open(): Promise<Gpu> {
  const found = await openGpu({ allowSoftwareAdapter: true });
  if (!found.usable) throw new Error(found.reason);
  return found.gpu;
}

const specOf = ({ network }: Problem, { optimiser, clipping, examplesPerPass }: Trial): EngineSpec => ({
  network,
  optimiser,
  clipping,
  examplesPerPass,
  batchSize: EXAMPLES,
});

type Create = (spec: EngineSpec) => Engine | Promise<Engine>;

async function run(create: Create, problem: Problem, trial: Trial) {
  const { examples, frozen } = problem;
  let engine = await create(specOf(problem, trial));
  engine.load(problem.parameters, [], frozen);
  let loss = 0;
  for (let step = 1; step <= trial.steps; step += 1) {
    engine.step(examples, BATCH, step);
    if (step > 1 || !trial.isResumed) continue;
    loss += await engine.takeLoss();
    const [parameters, state] = [await engine.parameters(), await engine.optimiserState()];
    engine.dispose();
    engine = await create(specOf(problem, trial));
    engine.load(parameters, state, frozen);
  }
  loss += await engine.takeLoss();
  const { bytes } = engine;
  const parameters = await engine.parameters();
  const moments = await engine.optimiserState();
  // From the second example on, so that a row that is not the first comes first.
  const logits = Float32Array.from(await engine.predict(examples, 1, EXAMPLES - 1));
  engine.dispose();
  return { parameters, moments, logits, loss, bytes };
}

const page: WebGpuPage = {
  problems: Object.keys(PROBLEMS),

  async architecture() {
    opened ??= open();
    return (await opened).device.adapterInfo.architecture;
  },

  async compare(name, trial) {
    const problem = PROBLEMS[name]!;
    opened ??= open();
    const gpu: Gpu = trial.isTravelling ? { ...(await opened), residentBytes: 0 } : await opened;
    const expected = await run(createReferenceEngine, problem, trial);
    const actual = await run((spec) => createWebGpuEngine(gpu, spec), problem, trial);
    const planned = planMemory(
      { ...specOf(problem, trial), layout: gpuMemoryLayout(gpu.tiles) },
      trial.examplesPerPass,
    );
    return {
      parameters: relativeDistance(actual.parameters, expected.parameters),
      moments: actual.moments.map((moment, index) => relativeDistance(moment, expected.moments[index]!)),
      logits: relativeDistance(actual.logits, expected.logits),
      loss: Math.abs(actual.loss - expected.loss) / expected.loss,
      bytes: { planned: planned.bytes, taken: actual.bytes },
      failure: gpu.failure()?.message ?? null,
    };
  },

  async lose() {
    const gpu = await open();
    const problem = PROBLEMS.mlp!;
    const engine = await createWebGpuEngine(gpu, {
      network: problem.network,
      optimiser: { kind: 'sgd', learningRate: 1 },
      batchSize: EXAMPLES,
      clipping: null,
      examplesPerPass: EXAMPLES,
    });
    engine.load(problem.parameters, [], problem.frozen);
    engine.step(problem.examples, BATCH, 1);
    const codeOf = (read: Promise<unknown>): Promise<string> =>
      read.then(
        () => 'none',
        (error) => (error as { code: string }).code,
      );
    const waiting = codeOf(engine.takeLoss());
    gpu.device.destroy();
    return [await waiting, await codeOf(engine.parameters()), (await engine.lost).code];
  },
};

(globalThis as unknown as { webGpuPage: WebGpuPage }).webGpuPage = page;
