/** A store of examples, as the private data of a participant. */
import type { DataSchema } from '@tributary/fl-core';
import type { PrivateData } from '../ports/private-data.ts';
import type { ExampleStore } from './example-store.ts';

export function privateDataOf(store: ExampleStore, schema: DataSchema): PrivateData {
  return {
    exampleCount: () => store.trainingCount(),
    trainingExamples: async () => (await store.toExampleSet(schema)).training,
    heldOutExamples: async () => (await store.toExampleSet(schema)).heldOut,
  };
}
