/**
 * From the survivors' updates to the next model, one update in memory at a time, giving the event loop back
 * after each. Deterministic: done again after a crash, it stores the same blobs.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  applyServerOptimiser,
  type BlobHash,
  createAggregator,
  decodeFrame,
  decodeOptimiserState,
  encodeFrame,
  encodeOptimiserState,
  initialOptimiserState,
  parameterCount,
  parameterShapes,
  type Survivor,
  type TaskManifest,
} from '@tributary/fl-core';
import { nativeSha256 } from '../native-sha256.ts';
import type { BlobStore } from '../storage/blob-store.ts';

export interface AggregationRequest {
  readonly manifest: TaskManifest;
  readonly survivors: readonly Survivor[];
  /** The model that the round started from, and the optimiser's state after the round that made it. */
  readonly modelHash: BlobHash;
  readonly optimiserHash: BlobHash | null;
  readonly models: BlobStore;
  readonly updates: BlobStore;
}

export interface AggregatedModel {
  readonly modelHash: BlobHash;
  readonly optimiserHash: BlobHash;
}

export async function aggregateRound(request: AggregationRequest): Promise<AggregatedModel> {
  const { manifest, models, updates } = request;
  const expectedShapes = parameterShapes(manifest.model);
  const read = async (store: BlobStore, hash: BlobHash) =>
    decodeFrame(await store.get(hash), { sha256: nativeSha256, expectedShapes });

  const aggregator = createAggregator(manifest, expectedShapes);
  for (const { updateHash, exampleCount } of request.survivors) {
    aggregator.add(await read(updates, updateHash), exampleCount);
    await nextTurn();
  }

  const spec = manifest.aggregation.serverOptimiser;
  const next = applyServerOptimiser(spec, {
    parameters: await read(models, request.modelHash),
    mean: aggregator.mean(),
    state: request.optimiserHash
      ? decodeOptimiserState(await models.get(request.optimiserHash))
      : initialOptimiserState(spec, parameterCount(expectedShapes)),
  });
  await nextTurn();
  const optimiser = await models.put(encodeOptimiserState(next.state));
  const model = await models.put(encodeFrame(next.parameters, nativeSha256));
  return { modelHash: model.hash, optimiserHash: optimiser.hash };
}
