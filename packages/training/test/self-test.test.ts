/** Kernels that are made wrong on purpose: the self-test names them, and the choice goes on without them. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SelfTestOutcome } from '../src/backends/trainer-ports.ts';
import { createTrainer } from '../src/create-trainer.ts';
import type { EngineKind } from '../src/network/engine-kind.ts';
import { networkOf } from '../src/network/network-of.ts';
import { referenceEngines } from '../src/reference/reference-engine.ts';
import { createEngineSelfTest } from '../src/self-test/engine-self-test.ts';
import { testKernels } from '../src/self-test/test-kernels.ts';
import { wasmEngines } from '../src/wasm/wasm-engines.ts';
import { SMALL_MODELS } from './small-models.ts';
import { MLP, TINY_CNN } from './small-problems.ts';

const wasm = wasmEngines('strict')!;
const { Instance } = WebAssembly;
afterEach(() => {
  WebAssembly.Instance = Instance;
});

/** Every instance that is made from now on has this kernel do nothing, or what it is told. */
function replaceKernel(name: string, kernel: () => number = () => 0): void {
  WebAssembly.Instance = function Mutant(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
    const { exports } = new Instance(module, imports);
    return { exports: { ...exports, [name]: kernel } };
  } as unknown as typeof WebAssembly.Instance;
}

describe('the self-test of kernels', () => {
  it.each(Object.entries(SMALL_MODELS))('lets right ones pass: %s', async (_, model) => {
    expect(await testKernels(wasm, networkOf(model))).toEqual({ passed: true });
  });

  it.each([
    ['softmaxCrossEntropy', 'mlp', 'softmax-cross-entropy'],
    ['stepSgd', 'mlp', 'sgd'],
    ['stepAdam', 'mlp', 'adam'],
    ['sumOfSquares', 'mlp', 'clipping'],
    ['gelu', 'char-transformer', 'dense-gelu'],
    ['causalSoftmaxBackward', 'char-transformer', 'causal-attention'],
    ['normaliseRowsParameters', 'char-transformer', 'layer-normalisation'],
    ['gatherRows', 'char-transformer', 'embedding'],
    ['openGatesBackward', 'char-gru', 'gated-recurrence'],
    ['correlateFilters', 'separable-cnn', 'depthwise-convolution'],
    ['spreadOverRows', 'separable-cnn', 'average-pooling'],
  ])('names what is wrong when %s does nothing: of %s it is %s', async (kernel, kindOfModel, name) => {
    const model = Object.values(SMALL_MODELS).find(({ kind }) => kind === kindOfModel)!;
    replaceKernel(kernel);
    expect(await testKernels(wasm, networkOf(model))).toMatchObject({ passed: false, kernel: name });
  });

  it('takes a kernel that traps for a wrong one', async () => {
    replaceKernel('causalSoftmax', () => {
      throw new WebAssembly.RuntimeError('memory access out of bounds');
    });
    const model = Object.values(SMALL_MODELS).find(({ kind }) => kind === 'char-transformer')!;
    const outcome = await testKernels(wasm, networkOf(model));
    expect(outcome).toEqual({ passed: false, kernel: 'causal-attention', relativeError: null });
  });

  it('passes a build with a wrong kernel over, and names it', async () => {
    replaceKernel('softmaxCrossEntropy');
    const trainer = await createTrainer({ model: MLP });
    expect(trainer.backend.name).toBe('plain');
    expect(trainer.backend.passedOver.slice(1)).toEqual(
      // Two builds where the machine has relaxed SIMD.
      trainer.backend.passedOver.slice(1).map(() => ({
        name: 'wasm',
        reason: 'in the self-test softmax-cross-entropy is off by 1.0e+0 (relative)',
        kernel: 'softmax-cross-entropy',
      })),
    );
    expect(trainer.backend.passedOver.length).toBeGreaterThan(1);
  });
});

describe('outcomes of self-tests', () => {
  const counted = () => {
    const create = vi.fn(referenceEngines.create);
    const kind: EngineKind = { ...referenceEngines, name: 'wasm', adapter: 'a fake', create };
    return { kind, create };
  };

  it('are kept, so that the second start tests nothing', async () => {
    const kept = new Map<string, SelfTestOutcome>();
    const { kind, create } = counted();
    const start = () =>
      createEngineSelfTest(MLP, {
        known: Object.fromEntries(kept),
        remember: (key, outcome) => kept.set(key, outcome),
      })(kind);
    expect(await start()).toBe(null);
    const cost = create.mock.calls.length;
    expect(cost).toBeGreaterThan(0);
    expect(await start()).toBe(null);
    expect(create).toHaveBeenCalledTimes(cost);
    expect([...kept.values()]).toEqual([{ passed: true }]);
  });

  it('belong to an adapter and a model', async () => {
    const { kind, create } = counted();
    const known: Record<string, SelfTestOutcome> = {};
    const memory = {
      known,
      remember(key: string, outcome: SelfTestOutcome) {
        known[key] = outcome;
      },
    };
    await createEngineSelfTest(MLP, memory)(kind);
    let cost = create.mock.calls.length;
    await createEngineSelfTest(MLP, memory)({ ...kind, adapter: 'another' });
    expect(create.mock.calls.length).toBeGreaterThan(cost);
    cost = create.mock.calls.length;
    await createEngineSelfTest(TINY_CNN, memory)(kind);
    expect(create.mock.calls.length).toBeGreaterThan(cost);
    expect(Object.keys(known)).toHaveLength(3);
  });

  it('also when a kernel failed', async () => {
    const { kind, create } = counted();
    const outcome = { passed: false, kernel: 'dense', relativeError: null } as const;
    const known = { [JSON.stringify([kind.name, kind.adapter, MLP])]: outcome };
    const failure = await createEngineSelfTest(MLP, { known, remember: () => {} })(kind);
    expect(failure).toEqual({
      reason: 'in the self-test dense gives no numbers (relative)',
      kernel: 'dense',
    });
    expect(create).not.toHaveBeenCalled();
  });

  it('are not kept of a device that was lost meanwhile', async () => {
    const { kind } = counted();
    const remember = vi.fn();
    const lost = { ...kind, create: () => Promise.reject(new Error('the GPU was lost')) };
    const failure = await createEngineSelfTest(MLP, { known: {}, remember })(lost);
    expect(failure).toEqual({ reason: 'the self-test failed: the GPU was lost' });
    expect(remember).not.toHaveBeenCalled();
  });
});
