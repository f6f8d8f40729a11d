/**
 * The batches of an epoch, from examples that are read while they train. Portions come in a seeded order, and batches are drawn
 * from a shuffle buffer; which examples a round uses, and that each trains once per epoch, is as for a set that is held.
 */
import {
  type ExampleSet,
  type ExampleStream,
  type LocalTraining,
  seededRandom,
  shuffle,
} from '@tributary/fl-core';
import { examplesOfRound } from '../batch-order.ts';
import { createEchoGauge } from './echo-gauge.ts';
import { type ReadAhead, readAhead } from './read-ahead.ts';
import { createShuffleBuffer } from './shuffle-buffer.ts';

export interface StreamedBatches {
  /** Examples that the round uses. */
  readonly examplesUsed: number;
  /** Draws per example so far, over all epochs: 1 without data echoing. */
  readonly meanEcho: number;
  /** One after another. */
  epoch(epoch: number): StreamedEpoch;
  /** Reads no further: for who stops before the end. */
  stop(): void;
}

export interface StreamedEpoch {
  /** The next batch in memory of its own; null when the epoch is over. The last one may be smaller. */
  next(): Promise<ExampleSet | null>;
  /** Examples that have been drawn as often as they will be. */
  readonly finished: number;
}

/** Portions that are read before they are needed. */
const PORTIONS_AHEAD = 2;
/** Of all examples, so many wait in the buffer for their turn: a twentieth is read before an epoch's first batch. */
const WAITING_FRACTION = 1 / 20;
/** What waits takes no more than this, unless a single portion does. */
const WAITING_BYTES = 32_000_000;

export function streamedBatches(
  stream: ExampleStream,
  training: LocalTraining,
  seed: string,
  now: () => number = () => performance.now(),
): StreamedBatches {
  const used = examplesOfRound(stream.count, training, seed);
  const chosen = chosenByPortion(stream.portionSizes, used);
  const gauge = createEchoGauge(training.dataEchoing?.maximumFactor ?? 1);
  const waiting = waitingExamples(stream, training.batchSize);
  let examples = 0;
  let draws = 0;

  const seedOf = (epoch: number): string => `${seed}/epoch-${epoch}`;
  const beginReading = (epoch: number): ReadAhead<Portion> => {
    const inOrder = shuffle(
      [...chosen.keys()].filter((portion) => chosen[portion].length > 0),
      seededRandom(`${seedOf(epoch)}/portions`),
    );
    const read = async (index: number): Promise<Portion> => {
      const startedAt = now();
      const portion = await stream.read(inOrder[index]);
      gauge.hasRead({ ms: portion.readMs ?? now() - startedAt, examples: portion.count });
      return { examples: portion, chosen: chosen[inOrder[index]] };
    };
    return readAhead(inOrder.length, read, PORTIONS_AHEAD);
  };
  /** Begun while the epoch before drains its buffer. */
  let next: { readonly epoch: number; readonly portions: ReadAhead<Portion> } | null = null;
  let current: ReadAhead<Portion> | null = null;

  return {
    examplesUsed: used.length,
    get meanEcho() {
      return examples === 0 ? 1 : draws / examples;
    },
    epoch(epoch) {
      const portions = next?.epoch === epoch ? next.portions : beginReading(epoch);
      current = portions;
      next = null;
      const buffer = createShuffleBuffer({
        capacity: waiting + Math.max(...stream.portionSizes),
        inputShape: stream.inputShape,
        labelsPerExample: stream.labelsPerExample,
        random: seededRandom(`${seedOf(epoch)}/draws`),
      });
      let arrived = 0;
      let isReadOut = false;
      let handedOut: { readonly at: number; readonly examples: number } | null = null;

      /** By counting alone, never by what is there already: one seed gives the same batches however fast the reading is. */
      const refill = async (): Promise<void> => {
        while (!isReadOut && buffer.waiting < waiting) {
          const portion = await portions.next();
          if (portion === null) {
            isReadOut = true;
            if (epoch + 1 < training.epochs) next = { epoch: epoch + 1, portions: beginReading(epoch + 1) };
            return;
          }
          const times = gauge.factor();
          buffer.add(portion.examples, portion.chosen, times);
          arrived += portion.chosen.length;
          examples += portion.chosen.length;
          draws += portion.chosen.length * times;
        }
      };

      return {
        async next() {
          if (handedOut) gauge.hasTrained({ ms: now() - handedOut.at, examples: handedOut.examples });
          await refill();
          const count = Math.min(training.batchSize, buffer.draws);
          if (count === 0) return null;
          handedOut = { at: now(), examples: count };
          return buffer.take(count);
        },
        get finished() {
          return arrived - buffer.waiting;
        },
      };
    },
    stop() {
      current?.stop();
      next?.portions.stop();
    },
  };
}

interface Portion {
  readonly examples: ExampleSet;
  /** Which of them the round uses. */
  readonly chosen: Int32Array;
}

/** Never less than a batch, so that only the last one is smaller. */
function waitingExamples({ portionSizes, inputShape, count }: ExampleStream, batchSize: number): number {
  const exampleBytes = 4 * inputShape.reduce((size, dimension) => size * dimension, 1);
  const wished = Math.min(count * WAITING_FRACTION, WAITING_BYTES / exampleBytes);
  return Math.ceil(Math.max(wished, batchSize, ...portionSizes));
}

/** For each portion, which of its examples the round uses: places within the portion, ascending. */
function chosenByPortion(portionSizes: readonly number[], used: Int32Array): readonly Int32Array[] {
  const ascending = used.slice().sort();
  let from = 0;
  let first = 0;
  return portionSizes.map((size) => {
    let to = from;
    while (to < ascending.length && ascending[to]! < first + size) to += 1;
    const places = ascending.subarray(from, to).map((example) => example - first);
    from = to;
    first += size;
    return places;
  });
}
