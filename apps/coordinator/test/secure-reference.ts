/**
 * The authority on what the model of a secure run must be: the members' clear integers, added with BigInt one coordinate
 * after another, and none of the product's sums, masks or optimiser.
 */
import {
  type BlobHash,
  blobHashOf,
  encodeFrame,
  initialParameters,
  type ParameterSet,
  type TaskManifest,
} from '@tributary/fl-core';
import { nativeSha256 } from '../src/native-sha256.ts';
import { clearUpdate, EXAMPLES_OF_A_MEMBER } from './secure-member.ts';

export interface SecureReference {
  readonly hash: BlobHash;
  /** The model after a round whose survivors were these. */
  after(survivors: readonly string[]): SecureReference;
}

export function secureReference(manifest: TaskManifest): SecureReference {
  const initial = initialParameters(manifest.model, manifest.seed);
  return describe(manifest, initial, new Float64Array(initial.values.length));
}

function describe(manifest: TaskManifest, parameters: ParameterSet, before: Float64Array): SecureReference {
  const hash = blobHashOf(encodeFrame(parameters, nativeSha256), nativeSha256);
  return {
    hash,
    after(survivors) {
      const mean = meanOf(manifest, survivors, hash);
      const { serverOptimiser } = manifest.aggregation;
      if (serverOptimiser.kind !== 'sgd') throw new Error('the reference knows averaging with momentum only');
      const { learningRate, momentum } = serverOptimiser;
      const velocity = before.map((value, i) => mean[i]! + (momentum === 0 ? 0 : momentum * value));
      const values = parameters.values.map((value, i) => value + learningRate * velocity[i]!);
      return describe(manifest, { shapes: parameters.shapes, values }, velocity);
    },
  };
}

function meanOf(manifest: TaskManifest, survivors: readonly string[], modelHash: BlobHash): number[] {
  const { compression, aggregation } = manifest;
  if (compression.codec !== 'quantised') throw new Error('not a run of integers');
  const updates = survivors.map((name) => [...clearUpdate(manifest, { name, modelHash })[0].signedValues()]);
  const step = compression.bound / (2 ** (compression.valueBits - 1) - 1);
  const weight = survivors.length * Math.min(EXAMPLES_OF_A_MEMBER, aggregation.maximumWeight);
  const factor = (step * aggregation.maximumWeight) / weight;
  return updates[0]!.map((_, i) => {
    const sum = updates.reduce((exact, update) => exact + BigInt(update[i]!), 0n);
    return Number(sum) * factor;
  });
}
