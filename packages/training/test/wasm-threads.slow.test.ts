/** The WebAssembly engine on several threads against the one on one thread; the threads run the build. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type BuiltInModelSpec, initialParameters } from '@tributary/fl-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, EngineSpec, GradientClipping } from '../src/network/engine.ts';
import type { EngineKind } from '../src/network/engine-kind.ts';
import { networkOf } from '../src/network/network-of.ts';
import { sharedKernels } from '../src/wasm/kernels.ts';
import { createWasmEngine } from '../src/wasm/wasm-engine.ts';
import { planShared } from '../src/wasm-threads/shared-plan.ts';
import { createThreadedEngine, type Thread } from '../src/wasm-threads/threaded-engine.ts';
import { threadedEngines } from '../src/wasm-threads/threaded-engines.ts';
import { threadOver } from '../src/worker/channel.ts';
import { createNodeTrainer } from '../src/worker/node.ts';
import { nodeChannel } from '../src/worker/node-channel.ts';
import { MODEL_PROBLEMS, type Problem } from './engine-problems.ts';
import { randomExamples, SMALL_MODELS } from './small-models.ts';
import { ADAM, localTraining, relativeDistance } from './small-problems.ts';

const SCRIPT = fileURLToPath(new URL('../dist/worker/node-thread.js', import.meta.url));
const EXAMPLES = 7;
const module = sharedKernels('strict');
/** The velocity after the first step is the gradient. */
const GRADIENT = { kind: 'momentum', learningRate: 1, momentum: 0 } as const;

/** Threads run JavaScript, so it comes from the build. */
beforeAll(() => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  execFileSync('npx', ['tsc', '-b', 'packages/training'], { cwd: root, stdio: 'inherit' });
}, 120_000);

let workers: Worker[] = [];
let engines: Engine[] = [];
let lost: string[] = [];

afterEach(async () => {
  for (const engine of engines) engine.dispose();
  await Promise.all(workers.map((worker) => worker.terminate()));
  workers = [];
  engines = [];
  lost = [];
});

function startThread(): Thread {
  const worker = new Worker(SCRIPT, { execArgv: [] });
  workers.push(worker);
  return threadOver(nodeChannel(worker));
}

async function onThreads(threads: number, spec: EngineSpec): Promise<Engine> {
  const engine = await createThreadedEngine(spec, {
    module,
    plan: planShared(spec, threads, 'strict')!,
    startThread,
    onLost: (reason) => lost.push(reason),
  });
  engines.push(engine);
  return engine;
}

function specOf({ network }: Problem, changes: Partial<EngineSpec> = {}): EngineSpec {
  return {
    network,
    optimiser: GRADIENT,
    batchSize: EXAMPLES,
    clipping: null,
    examplesPerPass: 2,
    ...changes,
  };
}

function gradientOf(engine: Engine, problem: Problem, examples: number): Float32Array {
  engine.load(problem.parameters, [], problem.frozen);
  engine.step(problem.examples, batchOf(examples), 1);
  return (engine.optimiserState() as Float32Array[])[0]!;
}

const batchOf = (examples: number): Int32Array => Int32Array.from({ length: examples }, (_, i) => i);

/** The small problems, with enough examples for several parts. */
const problems = Object.entries(MODEL_PROBLEMS).map(([name, problem]): [string, Problem] => {
  const model = SMALL_MODELS[name as keyof typeof SMALL_MODELS];
  return [name, { ...problem, examples: randomExamples(model, EXAMPLES) }];
});
const [, gru] = problems.find(([name]) => name === 'char-gru')!;

describe.each([2, 3])('on %i threads', (threads) => {
  it.each(problems)('finds the gradient and the loss of one thread: %s', async (_name, problem) => {
    const alone = createWasmEngine(specOf(problem), 'strict')!;
    const engine = await onThreads(threads, specOf(problem));
    // The last batch of an epoch may have fewer examples than there are threads.
    for (const examples of [EXAMPLES, 5, 2, 1]) {
      const expected = gradientOf(alone, problem, examples);
      expect(relativeDistance(gradientOf(engine, problem, examples), expected)).toBeLessThan(1e-6);
      expect((engine.takeLoss() as number) / (alone.takeLoss() as number)).toBeCloseTo(1, 6);
    }
    expect(lost).toEqual([]);
    alone.dispose();
  });

  it.each([1, 2, 3])('clips microbatches of %i as one thread does', async (microbatchSize) => {
    const free = createWasmEngine(specOf(gru), 'strict')!;
    const norm = Math.hypot(...gradientOf(free, gru, EXAMPLES));
    const clipping: GradientClipping = { clippingNorm: norm, microbatchSize };
    const spec = specOf(gru, { clipping, examplesPerPass: 1 });
    const alone = createWasmEngine(spec, 'strict')!;
    const engine = await onThreads(threads, spec);
    for (const examples of [EXAMPLES, 4, 1]) {
      const expected = gradientOf(alone, gru, examples);
      expect(relativeDistance(expected, gradientOf(free, gru, examples))).toBeGreaterThan(1e-2);
      expect(relativeDistance(gradientOf(engine, gru, examples), expected)).toBeLessThan(1e-6);
    }
    for (const { dispose } of [free, alone]) dispose();
  });

  it('gives the same bits each time', async () => {
    const paths = [];
    for (let time = 0; time < 3; time += 1) {
      const engine = await onThreads(threads, specOf(gru, { optimiser: ADAM }));
      engine.load(gru.parameters, [], gru.frozen);
      for (let step = 1; step <= 20; step += 1) engine.step(gru.examples, batchOf(EXAMPLES), step);
      paths.push(engine.parameters());
    }
    expect(paths[1]).toEqual(paths[0]);
    expect(paths[2]).toEqual(paths[0]);
  });
});

it('ends its threads when it is disposed', async () => {
  const engine = await onThreads(3, specOf(gru));
  const ends = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
  expect(ends).toHaveLength(2);
  engine.dispose();
  await Promise.all(ends);
  expect(lost).toEqual([]);
});

describe('a thread that dies', () => {
  it('in the middle of a step leaves its part to the coordinating thread, and the rest of the training, too', async () => {
    const engine = await onThreads(3, specOf(gru));
    const whole = gradientOf(engine, gru, EXAMPLES);
    // Its end is known to nobody here until the step is over.
    await new Promise((resolve) => {
      workers[1]!.removeAllListeners('exit');
      workers[1]!.on('exit', resolve);
      void workers[1]!.terminate();
    });
    expect(relativeDistance(gradientOf(engine, gru, EXAMPLES), whole)).toBeLessThan(1e-6);
    expect(lost).toEqual(['a thread does not answer']);
    const alone = createWasmEngine(specOf(gru), 'strict')!;
    expect(relativeDistance(gradientOf(engine, gru, 4), gradientOf(alone, gru, 4))).toBeLessThan(1e-6);
    alone.dispose();
  });

  it('between two steps is noticed before the next one', async () => {
    const engine = await onThreads(2, specOf(gru));
    const whole = gradientOf(engine, gru, EXAMPLES);
    await workers[0]!.terminate();
    expect(lost).toEqual(['a thread ended: exit code 1']);
    expect(relativeDistance(gradientOf(engine, gru, EXAMPLES), whole)).toBeLessThan(1e-6);
  });
});

describe('engines with threads where they are worth it', () => {
  const CNN = { kind: 'mcmahan-cnn', height: 28, width: 28, channels: 1, classes: 10 } as const;
  const MLP = {
    kind: 'mlp' as const,
    inputSize: 784,
    hidden: [200, 200],
    classes: 10,
  } satisfies BuiltInModelSpec;
  const network = networkOf(CNN);
  const spec = specOf({ network } as Problem, { batchSize: 32, examplesPerPass: 32 });
  const options = { build: 'relaxed' as const, network, threads: 2, budgetBytes: 2 ** 31, startThread };
  const opened = async (kind: EngineKind, wanted: EngineSpec): Promise<number> => {
    engines.push(await kind.create(wanted));
    return workers.length;
  };

  it('start them for a large step only, and never to predict', async () => {
    const kind = threadedEngines(options)!;
    expect(kind.adapter).toBe('WebAssembly SIMD, 2 threads');
    expect(await opened(kind, { ...spec, onlyPredicts: true })).toBe(0);
    expect(await opened(kind, { ...spec, batchSize: 1 })).toBe(0);
    expect(await opened(kind, spec)).toBe(1);
    expect(threadedEngines({ ...options, network: networkOf(MLP) })).toBeNull();
  });

  it('keep all threads within the memory that is allowed', async () => {
    const { bytes } = planShared(spec, 2, 'strict')!;
    expect(await opened(threadedEngines({ ...options, budgetBytes: bytes - 1 })!, spec)).toBe(0);
    expect(await opened(threadedEngines({ ...options, budgetBytes: bytes })!, spec)).toBe(1);
    expect(engines.at(-1)!.bytes).toBe(bytes);
  });

  it('train on one thread, and say why, when none starts', async () => {
    const kind = threadedEngines({
      ...options,
      startThread: () => threadOver(nodeChannel(new Worker('/no-such-thread.js'))),
    })!;
    engines.push(await kind.create(spec));
    expect(kind.adapter).toBe('WebAssembly SIMD');
    expect(kind.passedOver).toEqual([
      {
        name: 'wasm',
        reason: expect.stringMatching(/^2 threads: a thread does not start: .*no-such-thread/),
      },
    ]);
    expect(await opened(kind, spec)).toBe(0);
  });

  it('are what a trainer in Node takes when it is asked for threads', async () => {
    const examples = randomExamples(CNN, 48);
    const request = {
      ...{ model: CNN, initial: initialParameters(CNN, 'threads'), examples, seed: 'threads' },
      training: localTraining({ epochs: 1, batchSize: 20 }),
    };
    const results = [];
    for (const maximumThreads of [1, 2]) {
      const trainer = await createNodeTrainer({ model: CNN, prefer: 'wasm', maximumThreads });
      const { parameters } = await trainer.train(request);
      const moved = parameters.values.map((value, index) => value - request.initial.values[index]!);
      results.push({ adapter: trainer.backend.adapter, passedOver: trainer.backend.passedOver, moved });
      await trainer.dispose();
    }
    expect(results.map(({ adapter }) => adapter)).toEqual([
      'WebAssembly SIMD',
      'WebAssembly SIMD, 2 threads',
    ]);
    expect(results[1]!.passedOver).toEqual([]);
    expect(relativeDistance(results[1]!.moved, results[0]!.moved)).toBeLessThan(1e-5);
  });
});
