/**
 * A deterministic trainer without a model: each epoch adds the mean of the inputs (a function of data and epoch
 * alone), takes a set time, and leaves a checkpoint. Resuming gives the same bits as not having stopped.
 */
import { type Trainer, type TrainRequest, TributaryError } from '@tributary/fl-core';

export interface MeasuredTrainer extends Trainer {
  readonly requests: TrainRequest[];
  /** Epochs that were really computed here, over all requests. */
  epochsComputed: number;
  readonly stoppedAt: number | null;
}

export function createMeasuredTrainer(
  settings: { epochMs?: number; stepSize?: number; isVaried?: boolean } = {},
): MeasuredTrainer {
  const { epochMs = 1, stepSize = 0.01, isVaried = false } = settings;
  const requests: TrainRequest[] = [];
  let stoppedAt: number | null = null;
  const trainer = {
    backend: { name: 'plain', adapter: '', passedOver: [] } as const,
    requests,
    epochsComputed: 0,
    get stoppedAt() {
      return stoppedAt;
    },
    async train(request: TrainRequest, options: Parameters<Trainer['train']>[1] = {}) {
      requests.push(request);
      const { initial, examples, training, resumeFrom } = request;
      const values = Float32Array.from(resumeFrom?.parameters ?? initial.values);
      const mean = examples.inputs.reduce((sum, value) => sum + value, 0) / examples.inputs.length;
      for (let epoch = (resumeFrom?.epochsDone ?? 0) + 1; epoch <= training.epochs; epoch += 1) {
        await new Promise((resolve) => setTimeout(resolve, epochMs));
        if (options.signal?.aborted) {
          stoppedAt = Date.now();
          throw new TributaryError('training-stopped', 'told to stop');
        }
        for (let i = 0; i < values.length; i += 1) {
          // Alike everywhere, unless every parameter is to move in its own way.
          values[i]! += stepSize * (mean + epoch) * (isVaried ? Math.sin(1 + 3 * i) : 1);
        }
        trainer.epochsComputed += 1;
        options.onProgress?.({
          epoch,
          epochs: training.epochs,
          examplesDone: epoch * examples.count,
          examplesTotal: training.epochs * examples.count,
          loss: 1 / epoch,
          examplesPerSecond: 1000,
        });
        options.onCheckpoint?.({
          epochsDone: epoch,
          parameters: values,
          optimiserState: [],
          stepsDone: epoch,
        });
      }
      const parameters = { shapes: initial.shapes, values };
      return { parameters, examplesTrained: examples.count, meanLoss: 0.5, seconds: 0.1 };
    },
    evaluate: async ({ examples }: Parameters<Trainer['evaluate']>[0]) => ({
      exampleCount: examples.count,
      accuracy: 0.75,
      loss: 0.5,
      confusion: [],
    }),
    predict: async ({ examples }: Parameters<Trainer['predict']>[0]) => ({
      classes: 1,
      predicted: new Int32Array(examples.labels.length),
      probabilities: new Float32Array(examples.labels.length).fill(1),
    }),
    dispose: async () => {},
  };
  return trainer;
}
