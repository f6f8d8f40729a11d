/** What every trainer does with examples that are read while they train. */
import {
  type ExampleSet,
  type ExampleStream,
  initialParameters,
  type ModelSpec,
  type Trainer,
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
