/** That the comparison of gradients sees a wrong kernel: each kernel in turn does nothing, and a constant of exp is off. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine, EngineSpec } from '../src/network/engine.ts';
import { createReferenceEngine } from '../src/reference/reference-engine.ts';
import { compiledKernels } from '../src/wasm/kernels.ts';
import { STRICT_KERNELS_BASE64 } from '../src/wasm/strict-kernels.generated.ts';
import { createWasmEngine } from '../src/wasm/wasm-engine.ts';
import { BATCH, EXAMPLES, gradientOf, OPERATION_PROBLEMS, type Problem } from './engine-problems.ts';
import { ADAM, relativeDistance, SGD } from './small-problems.ts';

/** What no engine calls: it measures the machine, or stands alone for its own tests, or is called by other kernels. */
const BESIDE_NETWORKS = [
  'heapBase',
  'moveHeap',
  'multiplyAddPeak',
  'triad',
  'exponential',
  'logistic',
  'hyperbolicTangent',
  'blockTable',
  'blockPanels',
];

/** Without dividing gradients that are nearly zero by themselves. */
const STEADY_ADAM = { ...ADAM, epsilon: 0.01 };

const { Instance } = WebAssembly;
const kernelNames = WebAssembly.Module.exports(compiledKernels('strict')!.module)
  .filter(({ kind }) => kind === 'function')
  .map(({ name }) => name)
  .filter((name) => !BESIDE_NETWORKS.includes(name));

// No engine lives from one mutant to the next, so each begins with an instance of its own.
afterEach(() => {
  WebAssembly.Instance = Instance;
});

describe('a mutated kernel is caught', () => {
  it('while those of the project pass', () => {
    expect(isCaught()).toBe(false);
  });

  it.each(kernelNames)('%s, doing nothing', (name) => {
    instantiateAs((module, imports) => {
      const { exports } = new Instance(module, imports);
      return { exports: { ...exports, [name]: () => 0 } };
    });
    expect(isCaught()).toBe(true);
  });

  it('exp, a constant of its polynomial off by a hundredth', () => {
    const bytes = Uint8Array.from(atob(STRICT_KERNELS_BASE64), (character) => character.charCodeAt(0));
    const constant = Buffer.from(Float32Array.of(1.6666665459e-1).buffer);
    let at = Buffer.from(bytes.buffer).indexOf(constant);
    expect(at).toBeGreaterThan(0);
    for (; at >= 0; at = Buffer.from(bytes.buffer).indexOf(constant, at)) {
      new DataView(bytes.buffer).setFloat32(at, 1.6833332e-1, true);
    }
    const mutant = new WebAssembly.Module(bytes);
    instantiateAs((_module, imports) => new Instance(mutant, imports));
    expect(isCaught()).toBe(true);
  });
});

function instantiateAs(
  instantiate: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance,
): void {
  // A constructor that returns an object: `new` hands that out.
  WebAssembly.Instance = function Mutant(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
    return instantiate(module, imports);
  } as unknown as typeof WebAssembly.Instance;
}

type CreateEngine = (spec: EngineSpec) => Engine;
const onWasm: CreateEngine = (spec) => createWasmEngine(spec, 'strict')!;

const EXPECTED = Object.values(OPERATION_PROBLEMS).map((problem) => ({
  problem,
  outcome: outcomeOf(createReferenceEngine, problem),
}));

/** Whether anything that an engine does differs from the reference. */
function isCaught(): boolean {
  return EXPECTED.some(({ problem, outcome }) => {
    try {
      return outcomeOf(onWasm, problem).some(
        (found, index) => !(relativeDistance(found, outcome[index]!) < TOLERANCES[index]!),
      );
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) return true;
      throw error;
    }
  });
}

/** Clipping lifts small gradients, rounded like large ones; a moved parameter has been rounded. */
const TOLERANCES = [1e-5, 1e-4, 1e-3, 1e-3];

/** The gradient, the clipped one, and two steps of other optimisers. */
function outcomeOf(create: CreateEngine, problem: Problem): readonly ArrayLike<number>[] {
  const examplesPerPass = EXAMPLES;
  const clipping = { clippingNorm: 0.1, microbatchSize: 2 };
  return [
    gradientOf(create, problem, { examplesPerPass }),
    gradientOf(create, problem, { examplesPerPass, clipping }),
    ...[SGD, STEADY_ADAM].map((optimiser) => {
      const spec = { network: problem.network, optimiser, batchSize: EXAMPLES, clipping: null };
      const engine = create({ ...spec, examplesPerPass });
      engine.load(problem.parameters, [], problem.frozen);
      for (let step = 1; step <= 2; step += 1) engine.step(problem.examples, BATCH, step);
      const parameters = engine.parameters() as Float32Array;
      engine.dispose();
      return parameters.map((value, index) => value - problem.parameters[index]!);
    }),
  ];
}
