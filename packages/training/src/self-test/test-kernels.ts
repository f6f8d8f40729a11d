/** Whether an engine computes what the plain one computes, kernel by kernel. */
import type { ClientOptimiser } from '@tributary/fl-core';
import type { SelfTestOutcome } from '../backends/trainer-ports.ts';
import type { Engine, EngineSpec, GradientClipping, Settling } from '../network/engine.ts';
import type { EngineKind } from '../network/engine-kind.ts';
import type { Network } from '../network/network.ts';
import { createReferenceEngine } from '../reference/reference-engine.ts';
import { DENSE_PROBE, kernelProbes } from './kernel-probes.ts';
import { relativeDistance } from './relative-distance.ts';
import { networkExamples, randomParameters } from './small-network.ts';

const EXAMPLES = 3;
/** L2 distances over the norm of what is right; a GPU's exponentials are less exact than its sums. */
const TOLERANCE = { thread: 1e-5, gpu: 1e-4 } as const;
/** Of how far parameters moved: they have been rounded. */
const MOVED_TOLERANCE = 1e-3;

const OPTIMISERS: readonly ClientOptimiser[] = [
  { kind: 'sgd', learningRate: 0.1 },
  { kind: 'momentum', learningRate: 0.1, momentum: 0.9 },
  // Epsilon is large, so that gradients that are nearly zero by themselves are not divided by each other.
  { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 0.01 },
];
/** The velocity after the first step is the gradient itself, without the rounding of parameters. */
const GRADIENT: ClientOptimiser = { kind: 'momentum', learningRate: 1, momentum: 0 };

const NONE = new Float32Array(0);

type CreateEngine = (spec: EngineSpec) => Settling<Engine>;
type Failure = Extract<SelfTestOutcome, { passed: false }>;

export async function testKernels(kind: EngineKind, network: Network): Promise<SelfTestOutcome> {
  const tolerance = TOLERANCE[kind.runsOn];
  return (
    (await testOptimisers(kind)) ??
    (await testOperations(kind, network, tolerance)) ??
    (await testClipping(kind, 10 * tolerance)) ?? { passed: true }
  );
}

/** What is wrong with the dense layers that they train makes all of them fail, and is found by name afterwards. */
async function testOptimisers(kind: EngineKind): Promise<Failure | null> {
  const failures: Failure[] = [];
  for (const optimiser of OPTIMISERS) {
    const { moved } = await errorsOf(kind, { network: DENSE_PROBE.network, optimiser, steps: 2 });
    if (isOff(moved, MOVED_TOLERANCE)) failures.push(failed(optimiser.kind, moved));
  }
  return failures.length < OPTIMISERS.length ? (failures[0] ?? null) : null;
}

async function testOperations(kind: EngineKind, model: Network, tolerance: number): Promise<Failure | null> {
  for (const { kernel, network } of kernelProbes(model)) {
    const { logits, loss, gradient } = await errorsOf(kind, { network, optimiser: GRADIENT, steps: 1 });
    if (isOff(logits, tolerance)) return failed(kernel, logits);
    if (isOff(loss, tolerance)) return failed('softmax-cross-entropy', loss);
    if (isOff(gradient, tolerance)) return failed(kernel, gradient);
  }
  return null;
}

async function testClipping(kind: EngineKind, tolerance: number): Promise<Failure | null> {
  const clipping = { clippingNorm: 0.1, microbatchSize: 2 };
  const work = { network: DENSE_PROBE.network, optimiser: GRADIENT, steps: 1, clipping };
  const { gradient } = await errorsOf(kind, work);
  return isOff(gradient, tolerance) ? failed('clipping', gradient) : null;
}

interface Work {
  readonly network: Network;
  readonly optimiser: ClientOptimiser;
  readonly steps: number;
  readonly clipping?: GradientClipping;
}

interface Figures<Figure> {
  readonly logits: Figure;
  readonly loss: Figure;
  /** The first vector of the optimiser, if it has any. */
  readonly gradient: Figure;
  /** How far the parameters went. */
  readonly moved: Figure;
}

async function errorsOf(kind: EngineKind, work: Work): Promise<Figures<number>> {
  const expected = await figuresOf(createReferenceEngine, work);
  const found = await figuresOf(kind.create, work).catch(nothingIfTrapped);
  const error = (figure: keyof Figures<never>): number =>
    found === null ? Number.NaN : relativeDistance(found[figure], expected[figure]);
  return {
    logits: error('logits'),
    loss: error('loss'),
    gradient: error('gradient'),
    moved: error('moved'),
  };
}

/** A kernel that reaches out of its memory is wrong, and the engine goes on without it. */
function nothingIfTrapped(error: unknown): null {
  if (typeof WebAssembly !== 'undefined' && error instanceof WebAssembly.RuntimeError) return null;
  throw error;
}

async function figuresOf(create: CreateEngine, work: Work): Promise<Figures<ArrayLike<number>>> {
  const { network, optimiser, steps, clipping = null } = work;
  // Passes of two and of one.
  const engine = await create({ network, optimiser, batchSize: EXAMPLES, clipping, examplesPerPass: 2 });
  try {
    const initial = randomParameters(network.trainedSize, 'self-test');
    const examples = networkExamples(network, EXAMPLES);
    const batch = Int32Array.from({ length: EXAMPLES }, (_, example) => example);
    engine.load(initial, [], randomParameters(network.frozenSize, 'frozen'));
    const logits = Float32Array.from(await engine.predict(examples, 0, EXAMPLES));
    for (let step = 1; step <= steps; step += 1) engine.step(examples, batch, step);
    const loss = [await engine.takeLoss()];
    const [gradient = NONE] = await engine.optimiserState();
    const moved = (await engine.parameters()).map((value, index) => value - initial[index]);
    return { logits, loss, gradient, moved };
  } finally {
    engine.dispose();
  }
}

/** Also what is not a number. */
const isOff = (error: number, tolerance: number): boolean => !(error <= tolerance);

function failed(kernel: string, error: number): Failure {
  return { passed: false, kernel, relativeError: Number.isFinite(error) ? error : null };
}
