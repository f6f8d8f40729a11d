/**
 * Examples waiting for their turn while more are read: a batch is drawn at random among those that wait. With a large buffer the
 * order is nearly that of a full shuffle, and never needs all examples in memory.
 */
import { type ExampleSet, integerBelow, type RandomSource } from '@tributary/fl-core';

export interface ShuffleBuffer {
  /** Draws that are left: each example counts as often as it will still be drawn. */
  readonly draws: number;
  /** Examples that will still be drawn. */
  readonly waiting: number;
  /** Copies the chosen examples of a set; each will be drawn `times` times. They must fit. */
  add(examples: ExampleSet, chosen: Int32Array, times: number): void;
  /** The next `count` draws, in memory of their own. There must be so many. */
  take(count: number): ExampleSet;
}

export function createShuffleBuffer(shape: {
  readonly capacity: number;
  readonly inputShape: readonly number[];
  readonly labelsPerExample: number;
  readonly random: RandomSource;
}): ShuffleBuffer {
  const { capacity, inputShape, labelsPerExample, random } = shape;
  const rowSize = inputShape.reduce((size, dimension) => size * dimension, 1);
  const inputs = new Float32Array(capacity * rowSize);
  const labels = new Int32Array(capacity * labelsPerExample);
  const drawsLeft = new Uint16Array(capacity);
  // The first `waiting` entries are slots that hold an example, the others are free.
  const slots = Int32Array.from({ length: capacity }, (_, slot) => slot);
  let waiting = 0;
  let draws = 0;

  /** The slot of the next draw; it is free again after its last one. */
  const draw = (): number => {
    const place = integerBelow(random, waiting);
    const slot = slots[place]!;
    drawsLeft[slot]! -= 1;
    draws -= 1;
    if (drawsLeft[slot] === 0) {
      waiting -= 1;
      slots[place] = slots[waiting]!;
      slots[waiting] = slot;
    }
    return slot;
  };

  return {
    get draws() {
      return draws;
    },
    get waiting() {
      return waiting;
    },
    add(examples, chosen, times) {
      if (chosen.length > capacity - waiting) throw new Error('the shuffle buffer is full');
      for (const example of chosen) {
        const slot = slots[waiting]!;
        inputs.set(examples.inputs.subarray(example * rowSize, (example + 1) * rowSize), slot * rowSize);
        const from = example * labelsPerExample;
        labels.set(examples.labels.subarray(from, from + labelsPerExample), slot * labelsPerExample);
        drawsLeft[slot] = times;
        waiting += 1;
        draws += times;
      }
    },
    take(count) {
      if (count > draws) throw new Error('the shuffle buffer has fewer draws left');
      const batch = {
        count,
        inputShape,
        inputs: new Float32Array(count * rowSize),
        labelsPerExample,
        labels: new Int32Array(count * labelsPerExample),
      };
      for (let row = 0; row < count; row += 1) {
        const slot = draw();
        batch.inputs.set(inputs.subarray(slot * rowSize, (slot + 1) * rowSize), row * rowSize);
        const from = slot * labelsPerExample;
        batch.labels.set(labels.subarray(from, from + labelsPerExample), row * labelsPerExample);
      }
      return batch;
    },
  };
}
