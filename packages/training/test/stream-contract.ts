/** What every trainer does with examples that are read while they train. */
import {
  type ExampleSet,
  type ExampleStream,
  errorCodeOf,
  initialParameters,
  type ModelSpec,
  type Trainer,
  type TrainingCheckpoint,
  type TrainingProgress,
  type TrainRequest,
  TributaryError,
  tensorSize,
} from '@tributary/fl-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clouds, localTraining, MLP, relativeDistance } from './small-problems.ts';

/** The same examples, cut into portions. */
export function inPortions(examples: ExampleSet, portionSizes: readonly number[]): ExampleStream {
  const { inputShape, labelsPerExample } = examples;
  const rowSize = tensorSize(inputShape);
  return {
    ...{ count: examples.count, inputShape, labelsPerExample, portionSizes },
    async read(portion) {
      const first = portionSizes.slice(0, portion).reduce((sum, size) => sum + size, 0);
      const count = portionSizes[portion]!;
      return {
        ...{ count, inputShape, labelsPerExample },
        inputs: examples.inputs.slice(first * rowSize, (first + count) * rowSize),
        labels: examples.labels.slice(first * labelsPerExample, (first + count) * labelsPerExample),
      };
    },
  };
}

export function streamContract(name: string, open: () => Promise<Trainer>, model: ModelSpec = MLP): void {
  const examples = clouds(MLP, 105);
  const stream = inPortions(examples, [30, 5, 40, 30]);
  const request = {
    model,
    initial: initialParameters(MLP, 'stream'),
    examples: stream,
    training: localTraining({ epochs: 3 }),
    seed: 'stream',
  } satisfies TrainRequest<ExampleStream>;

  describe(`${name} trains on examples as they are read`, () => {
    let trainer: Trainer;
    beforeAll(async () => {
      trainer = await open();
    }, 60_000);
    afterAll(() => trainer?.dispose());

    it('takes the same step as with all of them held, when one batch holds all', async () => {
      const training = localTraining({ batchSize: 105 });
      const streamed = await trainer.train({ ...request, training });
      const held = await trainer.train({ ...request, training, examples });
      expect(relativeDistance(streamed.parameters.values, held.parameters.values)).toBeLessThan(1e-6);
      expect(streamed.meanLoss).toBeCloseTo(held.meanLoss, 5);
      expect(streamed.examplesTrained).toBe(105);
    });

    it('learns as well, reports every example, and repeats itself bit by bit', async () => {
      let reported = 0;
      const onProgress = ({ examplesDone }: { examplesDone: number }) => {
        reported = examplesDone;
      };
      const first = await trainer.train(request, { onProgress });
      const again = await trainer.train(request);
      const held = await trainer.train({ ...request, examples });
      expect(again.parameters.values).toEqual(first.parameters.values);
      expect(reported).toBe(3 * 105);
      expect(first.meanLoss).toBeCloseTo(held.meanLoss, 1);
    });

    it('fails with the code of a portion that cannot be read, or that does not fit the model', async () => {
      const unreadable: ExampleStream = {
        ...stream,
        read: (portion) =>
          portion === 2
            ? Promise.reject(new TributaryError('data-unreadable', 'the key is gone'))
            : stream.read(portion),
      };
      await expect(trainer.train({ ...request, examples: unreadable })).rejects.toMatchObject({
        code: 'data-unreadable',
      });
      const wild: ExampleStream = {
        ...stream,
        async read(portion) {
          const read = await stream.read(portion);
          return { ...read, labels: read.labels.map(() => 99) };
        },
      };
      await expect(trainer.train({ ...request, examples: wild })).rejects.toMatchObject({
        code: 'data-invalid',
      });
      await trainer.train(request);
    });

    it('finds a loss after the last checkpoint though nothing of the first portion trains', async () => {
      const checkpoints: TrainingCheckpoint[] = [];
      const full = await trainer.train(request, { onCheckpoint: (reached) => checkpoints.push(reached) });
      const examplesLater = inPortions(examples, [0, 30, 75]);
      const again = await trainer.train({
        ...request,
        examples: examplesLater,
        resumeFrom: checkpoints.at(-1)!,
      });
      expect(again.parameters.values).toEqual(full.parameters.values);
      const sample = await examplesLater.read(1);
      const measured = await trainer.evaluate({ model, parameters: full.parameters, examples: sample });
      expect(again.meanLoss).toBeCloseTo(measured.loss, 10);
    });

    it('refuses a stream without examples, of another shape, or that holds less than it said', async () => {
      const codeOf = async (changes: Partial<ExampleStream>): Promise<string> =>
        trainer.train({ ...request, examples: { ...stream, ...changes } }).then(() => 'fine', errorCodeOf);
      expect(await codeOf({ count: 0, portionSizes: [] })).toBe('data-invalid');
      expect(await codeOf({ count: 0, portionSizes: [0, 0] })).toBe('data-invalid');
      expect(await codeOf({ inputShape: [15] })).toBe('data-invalid');
      expect(await codeOf({ labelsPerExample: 2 })).toBe('data-invalid');
      expect(await codeOf({ portionSizes: [30, 5, 40] })).toBe('data-invalid');
      expect(await codeOf({ portionSizes: [25, 10, 40, 30] })).toBe('data-invalid');
    });

    it('tells of no more examples than there are, however often they are repeated', async () => {
      const slow: ExampleStream = {
        ...stream,
        async read(portion) {
          await new Promise((resolve) => setTimeout(resolve, 30));
          return stream.read(portion);
        },
      };
      const training = localTraining({ epochs: 2, dataEchoing: { maximumFactor: 16 } });
      const told: number[] = [];
      const onProgress = ({ examplesDone }: TrainingProgress) => void told.push(examplesDone);
      const { meanEcho } = await trainer.train({ ...request, examples: slow, training }, { onProgress });
      expect(meanEcho).toBeGreaterThan(1);
      expect(told.filter((examplesDone) => examplesDone >= 2 * 105)).toEqual([2 * 105]);
    });

    it('stops while it waits for a portion that does not come', async () => {
      const stop = new AbortController();
      const stuck: ExampleStream = {
        ...stream,
        async read() {
          setImmediate(() => stop.abort());
          return new Promise<never>(() => {});
        },
      };
      const stopped = trainer.train({ ...request, examples: stuck }, { signal: stop.signal });
      await expect(stopped).rejects.toMatchObject({ code: 'training-stopped' });
      await trainer.train(request);
    });
  });
}
