/** What the test calls inside the browser: train on the backend it names, and report what came out. */
import { type BackendReport, type Evaluation, initialParameters, type ModelSpec } from '@tributary/fl-core';
import { createWorkerTrainer, type TrainerOptions } from '../../../packages/training/src/worker/client.ts';
import { clouds, localTraining } from '../../../packages/training/test/small-problems.ts';

export interface TrainingOutcome {
  readonly backend: BackendReport;
  readonly parameters: readonly number[];
  readonly evaluation: Evaluation;
  /** The fraction of examples whose likeliest class is their label, counted from the predictions. */
  readonly predictedRight: number;
  readonly progressReports: number;
  readonly checkpoints: number;
}

/** To the worker, in which the device is lost after so many submissions, and the next one after so many more. */
export interface DestroyDevices {
  readonly type: 'destroyDevices';
  readonly afterSubmissions: readonly number[];
}

export interface TrainingPage {
  /** Begins with the parameters of `initial`, a model of the same tensors, or else of the model itself. */
  train(
    model: ModelSpec & { classes: number },
    choice: Partial<TrainerOptions>,
    initial?: ModelSpec,
    loss?: { readonly epochs: number; readonly afterSubmissions: readonly number[] },
  ): Promise<TrainingOutcome>;
  /** The backend of a trainer that has passed its self-test. */
  open(model: ModelSpec, choice: Partial<TrainerOptions>): Promise<BackendReport>;
  /** Milliseconds between the stop and the rejection, and the code of the error. */
  stop(
    model: ModelSpec & { classes: number },
    choice: Partial<TrainerOptions>,
  ): Promise<{ ms: number; code: string }>;
  /** The code of the error with which a worker that cannot load is reported. */
  crash(): Promise<string>;
}

const startWorker = (): Worker =>
  new Worker(new URL('./training.worker.ts', import.meta.url), { type: 'module' });

const open = (model: ModelSpec, choice: Partial<TrainerOptions>, worker = startWorker()) =>
  createWorkerTrainer(worker, { model, wasmPaths: '/wasm/', ...choice });

const UNDISTURBED = { epochs: 2, afterSubmissions: [] };

const page: TrainingPage = {
  async train(model, choice, initial = model, { epochs, afterSubmissions } = UNDISTURBED) {
    const worker = startWorker();
    const trainer = await open(model, choice, worker);
    worker.postMessage({ type: 'destroyDevices', afterSubmissions } satisfies DestroyDevices);
    const examples = clouds(model, 48);
    let progressReports = 0;
    let checkpoints = 0;
    const { parameters } = await trainer.train(
      {
        model,
        initial: initialParameters(initial, 'page'),
        examples,
        training: localTraining({ epochs, batchSize: 16 }),
        seed: 'page',
      },
      {
        onProgress: () => {
          progressReports += 1;
        },
        onCheckpoint: () => {
          checkpoints += 1;
        },
      },
    );
    const evaluation = await trainer.evaluate({ model, parameters, examples });
    const { predicted } = await trainer.predict({ model, parameters, examples });
    const right = predicted.filter((label, row) => label === examples.labels[row]).length;
    await trainer.dispose();
    return {
      backend: trainer.backend,
      parameters: [...parameters.values],
      evaluation,
      predictedRight: right / predicted.length,
      progressReports,
      checkpoints,
    };
  },

  async open(model, choice) {
    const trainer = await open(model, choice);
    await trainer.dispose();
    return trainer.backend;
  },

  async stop(model, choice) {
    const trainer = await open(model, choice);
    const stop = new AbortController();
    let stoppedAt = 0;
    setTimeout(() => {
      stoppedAt = performance.now();
      stop.abort();
    }, 1500);
    const request = {
      model,
      initial: initialParameters(model, 'page'),
      examples: clouds(model, 20_000),
      training: localTraining({ epochs: 1000 }),
      seed: 'page',
    };
    try {
      await trainer.train(request, { signal: stop.signal });
      return { ms: -1, code: 'none' };
    } catch (error) {
      return { ms: performance.now() - stoppedAt, code: (error as { code: string }).code };
    } finally {
      await trainer.dispose();
    }
  },

  async crash() {
    const worker = new Worker('/no-such-worker.js', { type: 'module' });
    try {
      await createWorkerTrainer(worker, {
        model: { kind: 'softmax-regression', inputSize: 2, classes: 2 },
      });
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  },
};

(globalThis as unknown as { trainingPage: TrainingPage }).trainingPage = page;
