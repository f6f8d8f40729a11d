/** Examples that are gone with the process: for Node, demonstrations and tests. */

import { assembleExamples } from './assemble-examples.ts';
import { addBatch, type ExampleChunk, emptyInventory, trainingCountOf } from './example-chunk.ts';
import type { ExampleStore } from './example-store.ts';

/** `deviceSeed` decides the split; the same seed holds the same rows out. */
export function createMemoryExampleStore(deviceSeed: string): ExampleStore {
  let inventory = emptyInventory(deviceSeed);
  let chunks: ExampleChunk[] = [];
  return {
    async put(batch) {
      const adding = addBatch(inventory, batch);
      let next = adding.next();
      for (; !next.done; next = adding.next()) chunks.push(next.value);
      inventory = next.value;
    },
    count: async () => inventory.count,
    trainingCount: async () => trainingCountOf(inventory),
    countsByLabel: async () => new Map(inventory.countsByLabel),
    toExampleSet: async (schema) => assembleExamples(inventory, chunks, schema),
    async clear() {
      inventory = emptyInventory(deviceSeed);
      chunks = [];
    },
    close() {},
  };
}
