/** The batches of a round, epoch by epoch: of examples that are held, or read while they train. */
import type { AnyTrainRequest, ExampleSet, ExampleStream, TrainRequest } from '@tributary/fl-core';
import { batchesOf, examplesOfRound, orderOfEpoch } from '../batch-order.ts';
import { checkPortion } from '../check-request.ts';
import type { Settling } from '../network/engine.ts';
import { isStream } from './is-stream.ts';
import { streamedBatches } from './streamed-batches.ts';

export interface RoundBatch {
  readonly examples: ExampleSet;
  /** Which of these examples, in their order. */
  readonly indices: Int32Array;
  /** How many examples will not come again in this epoch: fewer than there are where examples are repeated. */
  readonly finished: number;
}

export interface RoundBatches {
  /** Examples that the round uses. */
  readonly examplesUsed: number;
  /** How often each of them has trained per epoch, on average; null where nothing can be repeated. */
  readonly meanEcho: number | null;
  /** One after another. */
  epoch(epoch: number): EpochBatches;
  /** Reads no further: for who leaves before the end. */
  stop(): void;
}

export interface EpochBatches {
  /** Null when the epoch is over. */
  next(): Settling<RoundBatch | null>;
}

export function batchesOfRound(request: AnyTrainRequest): RoundBatches {
  const { examples } = request;
  return isStream(examples) ? ofStream({ ...request, examples }) : ofHeld({ ...request, examples });
}

function ofHeld({ examples, training, seed }: TrainRequest): RoundBatches {
  const used = examplesOfRound(examples.count, training, seed);
  return {
    examplesUsed: used.length,
    meanEcho: null,
    epoch(epoch) {
      const batches = batchesOf(orderOfEpoch(used, seed, epoch), training.batchSize);
      return {
        next() {
          const { value: indices } = batches.next();
          return indices ? { examples, indices, finished: indices.length } : null;
        },
      };
    },
    stop() {},
  };
}

function ofStream({ examples: stream, model, training, seed }: TrainRequest<ExampleStream>): RoundBatches {
  const checked: ExampleStream = {
    ...stream,
    async read(portion) {
      const examples = await stream.read(portion);
      checkPortion(model, examples, stream.portionSizes[portion]!);
      return examples;
    },
  };
  const batches = streamedBatches(checked, training, seed);
  return {
    examplesUsed: batches.examplesUsed,
    get meanEcho() {
      return training.dataEchoing ? batches.meanEcho : null;
    },
    epoch(epoch) {
      const reading = batches.epoch(epoch);
      return {
        async next() {
          const before = reading.finished;
          const examples = await reading.next();
          if (examples === null) return null;
          const indices = Int32Array.from({ length: examples.count }, (_, row) => row);
          return { examples, indices, finished: reading.finished - before };
        },
      };
    },
    stop: batches.stop,
  };
}
