/**
 * A participant's whole update: checkpoints, progress, delta and clipping; and beside it the bare steps on the same examples, in an order
 * that is as random. (The frame and its hash are not in it: they are made once, outside of the training worker.)
 */
import { initialParameters, modelDelta, seededRandom, shuffle } from '@tributary/fl-core';
import { clipToNorm } from '@tributary/privacy';
import { createEngineTrainer } from '@tributary/training/local';
import { networkOf } from '@tributary/training/network';
import {
  openMeasuredBackend,
  randomExamples,
  TYPICAL_MODELS,
  type TypicalModel,
} from '@tributary/training/roofline';
import type { UpdateTimes } from './protocol.ts';

/** McMahan et al. 2017: 600 examples each, five epochs. */
const EXAMPLES = 600;
const EPOCHS = 5;
const BATCH = 10;
const OPTIMISER = { kind: 'sgd', learningRate: 0.05 } as const;

/** `report` takes progress and checkpoints to the page, as the product's worker does. */
export async function timeUpdate(
  model: TypicalModel,
  {
    turns,
    report,
  }: { readonly turns: number; readonly report: (message: unknown, transfer: ArrayBuffer[]) => void },
): Promise<UpdateTimes> {
  const relaxed = await openMeasuredBackend('wasm-relaxed');
  const backend = 'reason' in relaxed ? await openMeasuredBackend('wasm') : relaxed;
  if ('reason' in backend) throw new Error(backend.reason);
  const spec = TYPICAL_MODELS[model];
  const initial = initialParameters(spec, 'benchmark');
  const examples = randomExamples(spec, { count: EXAMPLES, percentZeros: 81 });

  const bare = await backend.engine({
    network: networkOf(spec),
    optimiser: OPTIMISER,
    batchSize: BATCH,
    clipping: null,
    examplesPerPass: BATCH,
  });
  const order = shuffle(
    Int32Array.from({ length: EXAMPLES }, (_, index) => index),
    seededRandom('order'),
  );
  const batches = Array.from({ length: EXAMPLES / BATCH }, (_, index) =>
    order.subarray(index * BATCH, (index + 1) * BATCH),
  );
  const bareSteps = async (): Promise<number> => {
    bare.load(initial.values, [], new Float32Array());
    const started = performance.now();
    let step = 0;
    for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
      for (const batch of batches) {
        step += 1;
        bare.step(examples, batch, step);
      }
    }
    await bare.takeLoss();
    return (performance.now() - started) / 1000;
  };

  const engines = {
    name: 'wasm',
    adapter: '',
    layout: backend.layout,
    largestPass: BATCH,
    runsOn: 'thread',
    create: backend.engine,
    close() {},
  } as const;
  const trainer = createEngineTrainer(engines);
  const wholeUpdate = async (): Promise<number> => {
    const started = performance.now();
    const training = { optimiser: OPTIMISER, epochs: EPOCHS, batchSize: BATCH, maximumExamples: EXAMPLES };
    const { parameters } = await trainer.train(
      { model: spec, initial, examples, training, seed: 'benchmark' },
      {
        onProgress: (progress) => report(progress, []),
        checkpointEveryMs: 1000,
        onCheckpoint: (checkpoint) =>
          report(
            checkpoint,
            [checkpoint.parameters, ...checkpoint.optimiserState].map(({ buffer }) => buffer as ArrayBuffer),
          ),
      },
    );
    const delta = modelDelta(parameters, initial);
    clipToNorm(delta.values, 1);
    return (performance.now() - started) / 1000;
  };

  await bareSteps();
  await wholeUpdate();
  const bareSeconds: number[] = [];
  const updateSeconds: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    bareSeconds.push(await bareSteps());
    updateSeconds.push(await wholeUpdate());
  }
  bare.dispose();
  await trainer.dispose();
  backend.dispose();
  return { bareSeconds, updateSeconds };
}
