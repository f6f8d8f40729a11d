/** What the test calls inside the browser: training in mixed precision, beside float32 and beside the plain engine. */
import {
  type BuiltInModelSpec,
  type ExampleSet,
  frozenTensors,
  initialParameters,
  type TrainingPrecision,
} from '@tributary/fl-core';
import { createEngineTrainer } from '../../../packages/training/src/local-training/engine-trainer.ts';
import type { GradientClipping } from '../../../packages/training/src/network/engine.ts';
import type { Network } from '../../../packages/training/src/network/network.ts';
import { networkOf } from '../../../packages/training/src/network/network-of.ts';
import { createReferenceEngine } from '../../../packages/training/src/reference/reference-engine.ts';
import { randomParameters } from '../../../packages/training/src/self-test/small-network.ts';
import { type Gpu, openGpu } from '../../../packages/training/src/webgpu/device.ts';
import { LOSS_SCALING, type LossScale } from '../../../packages/training/src/webgpu/loss-scale.ts';
import { createWebGpuEngine } from '../../../packages/training/src/webgpu/webgpu-engine.ts';
import { openWebGpuEngines } from '../../../packages/training/src/webgpu/webgpu-engines.ts';
import { randomExamples } from '../../../packages/training/test/small-models.ts';
import { clouds, localTraining, relativeDistance } from '../../../packages/training/test/small-problems.ts';

export interface MixedPrecisionPage {
  architecture(): Promise<string>;
  /** Distance of a gradient from that of the plain engine. */
  gradientDistance(
    model: BuiltInModelSpec,
    precision: TrainingPrecision,
    clipping: GradientClipping | null,
  ): Promise<number>;
  /** Of a gradient that is nowhere zero but very small: which fraction of it is zero in mixed precision. */
  fractionOfZeros(initialScale: number): Promise<number>;
  /** After each step: of which the second overflows unless the scale is halved. */
  overflow(): Promise<readonly StepOutcome[]>;
  /** The scale after each of these many good steps. */
  scales(stepsToDouble: number, steps: number): Promise<readonly number[]>;
  /** Of the trainer that a manifest drives: whether it followed the wish, and the loss of its two epochs. */
  trainAsAsked(): Promise<{
    readonly isPassedOver: boolean;
    readonly loss: number;
    readonly lossInFull: number;
  }>;
  /** On examples that were not trained on. */
  accuracy(precision: TrainingPrecision): Promise<number>;
}

export interface StepOutcome extends LossScale {
  /** Whether the step changed parameters or moments. */
  readonly isTaken: boolean;
}

let opened: Promise<Gpu> | undefined;

function gpu(): Promise<Gpu> {
  opened ??= openGpu({ allowSoftwareAdapter: true }).then((found) => {
    if (!found.usable) throw new Error(found.reason);
    return found.gpu;
  });
  return opened;
}

/** The velocity after a first step is the gradient itself. */
const GRADIENT = { kind: 'momentum', learningRate: 1e-6, momentum: 0 } as const;

const spec = (network: Network, batchSize: number, precision: TrainingPrecision) => ({
  network,
  optimiser: GRADIENT,
  batchSize,
  clipping: null,
  examplesPerPass: batchSize,
  precision,
});

async function gradients(
  network: Network,
  examples: ExampleSet,
  given: {
    readonly parameters: Float32Array;
    readonly frozen: Float32Array;
    readonly scale: number;
    readonly precision?: TrainingPrecision;
    readonly clipping?: GradientClipping | null;
  },
) {
  const { precision = 'mixed', clipping = null } = given;
  const batch = Int32Array.from({ length: examples.count }, (_, index) => index);
  const plain = createReferenceEngine({ ...spec(network, batch.length, 'float32'), clipping });
  const onGpu = await createWebGpuEngine(
    await gpu(),
    { ...spec(network, batch.length, precision), clipping },
    { ...LOSS_SCALING, initial: given.scale },
  );
  for (const engine of [plain, onGpu]) {
    engine.load(given.parameters, [], given.frozen);
    engine.step(examples, batch, 1);
  }
  const [expected] = await plain.optimiserState();
  const [actual] = await onGpu.optimiserState();
  onGpu.dispose();
  return { expected: expected!, actual: actual! };
}

const SMALL_MLP = { kind: 'mlp' as const, inputSize: 8, hidden: [8], classes: 3 };

const page: MixedPrecisionPage = {
  async architecture() {
    return (await gpu()).device.adapterInfo.architecture;
  },

  async gradientDistance(model, precision, clipping) {
    const network = networkOf(model);
    const initial = initialParameters(model, 'mixed').values;
    const { expected, actual } = await gradients(network, randomExamples(model, 3), {
      // Zeros and ones are special: a normalisation of scale 1, an adapter that is 0.
      parameters: randomParameters(initial.length, 'mixed').map((value, i) => initial[i]! + 0.1 * value),
      frozen: randomParameters(frozenTensors(model) === null ? 0 : network.frozenSize, 'frozen').map(
        (value) => 0.3 * value,
      ),
      scale: 256,
      precision,
      clipping,
    });
    return relativeDistance(actual, expected);
  },

  async fractionOfZeros(scale) {
    const network = networkOf(SMALL_MLP);
    // Positive inputs through a positive layer, so that no ReLU makes zeros; then weights of about 1e-7.
    const [hidden, output] = [8 * 8 + 8, 8 * 3 + 3];
    const parameters = randomParameters(hidden + output, 'small').map((value, i) =>
      i < hidden ? Math.abs(value) : 1e-7 * value,
    );
    const examples = { ...randomExamples(SMALL_MLP, 1), inputs: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };
    const { expected, actual } = await gradients(network, examples, {
      parameters,
      frozen: new Float32Array(),
      scale,
    });
    const small = [...expected.keys()].filter((i) => i < hidden && expected[i] !== 0);
    if (small.length < hidden) throw new Error('the gradient has zeros of its own');
    return small.filter((i) => actual[i] === 0).length / small.length;
  },

  async overflow() {
    const network = networkOf(SMALL_MLP);
    const engine = await createWebGpuEngine(await gpu(), spec(network, 3, 'mixed'));
    // The first class gets (-2/3, 1/3, 1/3) x (-1, 1, 1) = 4/3 at each hidden unit, over the size of the batch: with a scale of
    // 65,536 that is 29,127 for three examples, and too much for one, which the next lower scale bears.
    const parameters = new Float32Array(8 * 8 + 8 + 8 * 3 + 3);
    parameters.fill(1 / 64, 0, 8 * 8);
    for (let unit = 0; unit < 8; unit += 1) parameters.set([-1, 1, 1], 8 * 8 + 8 + unit * 3);
    const examples = {
      ...randomExamples(SMALL_MLP, 3),
      inputs: new Float32Array(24).fill(1 / 1024),
      labels: new Int32Array(3),
    };
    engine.load(parameters, [], new Float32Array());
    const outcomes: StepOutcome[] = [];
    let before = [await engine.parameters(), ...(await engine.optimiserState())];
    for (const [index, batch] of [[0, 1, 2], [0], [2, 0, 1], [1]].entries()) {
      engine.step(examples, Int32Array.from(batch), index + 1);
      const after = [await engine.parameters(), ...(await engine.optimiserState())];
      const isTaken = after.some((vector, i) => vector.some((value, at) => value !== before[i]![at]));
      outcomes.push({ ...(await engine.lossScale())!, isTaken });
      before = after;
    }
    engine.dispose();
    return outcomes;
  },

  async scales(stepsToDouble, steps) {
    const network = networkOf(SMALL_MLP);
    const engine = await createWebGpuEngine(await gpu(), spec(network, 2, 'mixed'), {
      initial: 64,
      stepsToDouble,
    });
    const examples = randomExamples(SMALL_MLP, 2);
    engine.load(initialParameters(SMALL_MLP, 'scales').values, [], new Float32Array());
    const scales: number[] = [];
    for (let step = 1; step <= steps; step += 1) {
      engine.step(examples, Int32Array.of(0, 1), step);
      scales.push((await engine.lossScale())!.scale);
    }
    engine.dispose();
    return scales;
  },

  async trainAsAsked() {
    const found = await openWebGpuEngines({ allowSoftwareAdapter: true });
    if (!found.usable) throw new Error(found.reason);
    const trainer = createEngineTrainer(found.kind);
    const trained = async (precision: TrainingPrecision) =>
      trainer.train({
        model: SMALL_MLP,
        initial: initialParameters(SMALL_MLP, 'asked'),
        examples: clouds(SMALL_MLP, 64),
        training: localTraining({ epochs: 2, precision }),
        seed: 'asked',
      });
    const [mixed, inFull] = [await trained('mixed'), await trained('float32')];
    await trainer.dispose();
    return {
      isPassedOver: mixed.precisionPassedOver !== undefined,
      loss: mixed.meanLoss,
      lossInFull: inFull.meanLoss,
    };
  },

  async accuracy(precision) {
    const model = { kind: 'mlp' as const, inputSize: 20, hidden: [64, 32], classes: 8 };
    const network = networkOf(model);
    const [trainedOn, heldOut, batchSize] = [2048, 4000, 32];
    const examples = clouds(model, trainedOn + heldOut);
    const engine = await createWebGpuEngine(await gpu(), {
      ...spec(network, batchSize, precision),
      optimiser: { kind: 'momentum', learningRate: 0.02, momentum: 0.9 },
    });
    engine.load(initialParameters(model, 'accuracy').values, [], new Float32Array());
    for (let step = 1; step <= 5 * (trainedOn / batchSize); step += 1) {
      const first = ((step - 1) * batchSize) % trainedOn;
      engine.step(
        examples,
        Int32Array.from({ length: batchSize }, (_, row) => first + row),
        step,
      );
    }
    const logits = await engine.predict(examples, trainedOn, heldOut);
    engine.dispose();
    let right = 0;
    for (let row = 0; row < heldOut; row += 1) {
      const own = logits.subarray(row * model.classes, (row + 1) * model.classes);
      if (own.indexOf(Math.max(...own)) === examples.labels[trainedOn + row]) right += 1;
    }
    return right / heldOut;
  },
};

(globalThis as unknown as { mixedPrecisionPage: MixedPrecisionPage }).mixedPrecisionPage = page;
