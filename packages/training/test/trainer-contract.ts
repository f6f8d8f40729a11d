/** What every implementation of the `Trainer` port must do; each one's test file runs it. */
import {
  initialParameters,
  type ModelSpec,
  modelClasses,
  type Trainer,
  type TrainingCheckpoint,
  type TrainingProgress,
  type TrainRequest,
} from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAM, clouds, localTraining, MLP, MOMENTUM, SGD } from './small-problems.ts';

export function trainerContract(
  name: string,
  open: () => Promise<Trainer>,
  model: ModelSpec & { readonly classes: number } = MLP,
): void {
  const examples = clouds(model, 105);
  const request = (changes: Partial<TrainRequest> = {}): TrainRequest => ({
    model,
    initial: initialParameters(model, 'contract'),
    examples,
    training: localTraining({ epochs: 3, optimiser: ADAM }),
    seed: 'contract',
    ...changes,
  });

  describe(`${name} keeps the trainer contract`, () => {
    let trainer: Trainer;
    beforeAll(async () => {
      trainer = await open();
    }, 60_000);
    afterAll(() => trainer?.dispose());

    it('learns: loss falls and accuracy rises', async () => {
      const { initial } = request();
      const before = await trainer.evaluate({ model, parameters: initial, examples });
      const { parameters, meanLoss, examplesTrained } = await trainer.train(
        request({ training: localTraining({ epochs: 8 }) }),
      );
      const after = await trainer.evaluate({ model, parameters, examples });
      expect(after.loss).toBeLessThan(0.5 * before.loss);
      expect(meanLoss).toBeLessThan(before.loss);
      expect(after.accuracy).toBeGreaterThan(before.accuracy + 0.3);
      expect(examplesTrained).toBe(105);
    });

    it('evaluates with a confusion matrix that agrees with the accuracy', async () => {
      const evaluation = await trainer.evaluate({ model, parameters: request().initial, examples });
      const classes = modelClasses(model);
      const total = evaluation.confusion.reduce((a, b) => a + b);
      const diagonal = Array.from({ length: classes }, (_x, k) => evaluation.confusion[k * classes + k]!);
      expect(total).toBe(105);
      expect(diagonal.reduce((a, b) => a + b) / total).toBeCloseTo(evaluation.accuracy, 12);
      expect(evaluation.exampleCount).toBe(105);
    });

    it('predicts what evaluation counts: the same confusion, accuracy and loss, from probabilities', async () => {
      const { parameters } = await trainer.train(request());
      const asked = { model, parameters, examples };
      const evaluation = await trainer.evaluate(asked);
      const { classes, predicted, probabilities } = await trainer.predict(asked);
      expect(classes).toBe(modelClasses(model));
      expect(predicted).toHaveLength(examples.labels.length);
      const confusion = new Array<number>(classes * classes).fill(0);
      let loss = 0;
      examples.labels.forEach((label, row) => {
        confusion[label * classes + predicted[row]!]! += 1;
        const ofRow = probabilities.subarray(row * classes, (row + 1) * classes);
        expect(ofRow.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
        expect(ofRow[predicted[row]!]).toBe(Math.max(...ofRow));
        loss -= Math.log(ofRow[label]!) / examples.labels.length;
      });
      expect(confusion).toEqual(evaluation.confusion);
      expect(loss).toBeCloseTo(evaluation.loss, 4);
      const right = examples.labels.filter((label, row) => label === predicted[row]).length;
      expect(right / examples.labels.length).toBe(evaluation.accuracy);
    });

    it('gives the same bytes for the same seed, and others for another', async () => {
      const [first, second, other] = [
        await trainer.train(request()),
        await trainer.train(request()),
        await trainer.train(request({ seed: 'another' })),
      ];
      expect(first.parameters.values).toEqual(second.parameters.values);
      expect(first.parameters.values).not.toEqual(other.parameters.values);
    });

    it('gives a checkpoint after each epoch, and none that was asked to come later', async () => {
      const epochs = async (checkpointEveryMs?: number) => {
        const seen: number[] = [];
        await trainer.train(request(), {
          onCheckpoint: ({ epochsDone }) => seen.push(epochsDone),
          ...(checkpointEveryMs !== undefined && { checkpointEveryMs }),
        });
        return seen;
      };
      expect(await epochs()).toEqual([1, 2, 3]);
      expect(await epochs(3_600_000)).toEqual([]);
    });

    it('leaves the initial parameters and the examples as they were', async () => {
      const asked = request();
      const initial = asked.initial.values.slice();
      const inputs = examples.inputs.slice();
      await trainer.train(asked);
      expect(asked.initial.values).toEqual(initial);
      expect(examples.inputs).toEqual(inputs);
    });

    it.each([SGD, MOMENTUM, ADAM])('goes on from a checkpoint bit for bit: $kind', async (optimiser) => {
      const asked = request({ training: localTraining({ epochs: 3, optimiser }) });
      const checkpoints: TrainingCheckpoint[] = [];
      const whole = await trainer.train(asked, {
        onCheckpoint: (checkpoint) => checkpoints.push(checkpoint),
      });
      expect(checkpoints.map(({ epochsDone, stepsDone }) => [epochsDone, stepsDone])).toEqual([
        [1, 11],
        [2, 22],
        [3, 33],
      ]);
      const resumed = await trainer.train({ ...asked, resumeFrom: checkpoints[0]! });
      expect(resumed.parameters.values).toEqual(whole.parameters.values);
      expect(resumed.meanLoss).toBeCloseTo(whole.meanLoss, 5);
      const finished = await trainer.train({ ...asked, resumeFrom: checkpoints[2]! });
      expect(finished.parameters.values).toEqual(whole.parameters.values);
      expect(finished.meanLoss).toBeGreaterThan(0);
    });

    it('reports progress up to the last example', async () => {
      const reports: TrainingProgress[] = [];
      await trainer.train(request(), { onProgress: (progress) => reports.push(progress) });
      expect(reports.at(-1)).toMatchObject({ epoch: 2, epochs: 3, examplesDone: 315, examplesTotal: 315 });
      expect(reports.at(-1)!.loss).toBeGreaterThan(0);
    });

    it('reports at least once a second and stops within a second of being told', async () => {
      const stop = new AbortController();
      const reportedAt: number[] = [];
      const endless = request({ training: localTraining({ epochs: 1000 }), examples: clouds(model, 20_000) });
      const training = trainer.train(endless, {
        signal: stop.signal,
        onProgress: () => reportedAt.push(performance.now()),
      });
      let stoppedAt = 0;
      setTimeout(() => {
        stoppedAt = performance.now();
        stop.abort();
      }, 2200);
      await expect(training).rejects.toMatchObject({ code: 'training-stopped' });
      expect(performance.now() - stoppedAt).toBeLessThan(1000);
      expect(reportedAt.length).toBeGreaterThanOrEqual(2);
    }, 15_000);

    it('refuses to start when already stopped', async () => {
      await expect(trainer.train(request(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'training-stopped',
      });
    });

    it('refuses a model that ran away', async () => {
      const wild = localTraining({ epochs: 3, optimiser: { kind: 'sgd', learningRate: 1000 } });
      const huge = { ...examples, inputs: examples.inputs.map((x) => 1e12 * x) };
      await expect(trainer.train(request({ training: wild, examples: huge }))).rejects.toMatchObject({
        code: 'training-diverged',
      });
    });

    it('refuses data that does not fit the model', async () => {
      const labels = examples.labels.slice();
      labels[7] = 5;
      const wrong = [
        { ...examples, labels },
        { ...examples, count: 104 },
        { ...examples, count: 0, inputs: new Float32Array(0), labels: new Int32Array(0) },
      ];
      for (const set of wrong) {
        await expect(trainer.train(request({ examples: set }))).rejects.toMatchObject({
          code: 'data-invalid',
        });
      }
    });
  });
}
