/** The `Trainer` port for dense models, without tfjs. */
import type { BackendReport, StopSignal, Trainer, TrainRequest } from '@tributary/fl-core';
import { createProgressMeter, type ProgressMeter } from '../progress-meter.ts';
import { SLICE_MS, throwIfStopped, yieldToEvents } from '../stopping.ts';
import { dropIdleEngines, lendEngines } from './engine-lending.ts';
import { denseEvaluationSteps, densePredictionSteps } from './evaluation-steps.ts';
import { compiledKernels } from './kernels/dense-kernels.ts';
import { denseTrainingSteps } from './training-steps.ts';

/**
 * Trains softmax regression and MLPs on the calling thread in slices of a tenth of a second; in a page, run it in a
 * worker all the same.
 */
export function createDenseTrainer(passedOver: BackendReport['passedOver'] = []): Trainer {
  return {
    backend: {
      name: 'plain',
      adapter: compiledKernels() === null ? 'typed arrays' : 'WebAssembly SIMD',
      passedOver,
    },
    async train(request: TrainRequest, options = {}) {
      const startedAt = performance.now();
      const engines = lendEngines();
      try {
        const meter = options.onProgress && meterFor(request, options.onProgress);
        const steps = denseTrainingSteps(request, engines.create, options.onCheckpoint);
        const outcome = await inSlices(steps, options.signal, (step) => meter?.add(step));
        return { ...outcome, seconds: (performance.now() - startedAt) / 1000 };
      } finally {
        engines.giveBack();
      }
    },
    async evaluate(request, options = {}) {
      const engines = lendEngines();
      try {
        return await inSlices(denseEvaluationSteps(request, engines.create), options.signal);
      } finally {
        engines.giveBack();
      }
    },
    async predict(request, options = {}) {
      const engines = lendEngines();
      try {
        return await inSlices(densePredictionSteps(request, engines.create), options.signal);
      } finally {
        engines.giveBack();
      }
    },
    async dispose() {
      dropIdleEngines();
    },
  };
}

function meterFor(
  { examples, training, resumeFrom }: Parameters<Trainer['train']>[0],
  onProgress: NonNullable<NonNullable<Parameters<Trainer['train']>[1]>['onProgress']>,
): ProgressMeter {
  return createProgressMeter({
    epochs: training.epochs,
    epochsDone: resumeFrom?.epochsDone ?? 0,
    examplesPerEpoch: Math.min(examples.count, training.maximumExamples),
    onProgress,
  });
}

/** Drives a generator to its end, resting for the event loop after each slice. */
async function inSlices<Step, Outcome>(
  steps: Generator<Step, Outcome>,
  signal: StopSignal | undefined,
  onStep: (step: Step) => void = () => {},
): Promise<Outcome> {
  throwIfStopped(signal);
  let restedAt = performance.now();
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
    onStep(next.value);
    if (performance.now() - restedAt < SLICE_MS) continue;
    await yieldToEvents();
    throwIfStopped(signal);
    restedAt = performance.now();
  }
}
