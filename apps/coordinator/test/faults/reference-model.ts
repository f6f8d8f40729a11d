/**
 * The authority on what the model must be: federated averaging of the accepted updates, calculated anew from
 * docs/protocol.md with BigInt, one coordinate after another, and with none of the product's arithmetic.
 */
import {
  type BlobHash,
  blobHashOf,
  decodeFrame,
  encodeFrame,
  initialParameters,
  type ParameterSet,
  type TaskManifest,
} from '@tributary/fl-core';
import { nativeSha256 } from '../../src/native-sha256.ts';

export interface AcceptedUpdate {
  readonly frame: Uint8Array;
  readonly exampleCount: number;
}

export interface ReferenceModel {
  readonly hash: BlobHash;
  /** The model after a round in which these updates, and no others, were accepted. */
  after(accepted: readonly AcceptedUpdate[]): ReferenceModel;
}

export function referenceModel(manifest: TaskManifest): ReferenceModel {
  const { serverOptimiser } = manifest.aggregation;
  if (serverOptimiser.kind !== 'sgd') throw new Error('the reference knows averaging with momentum only');
  const initial = initialParameters(manifest.model, manifest.seed);
  return describe(initial, new Float64Array(initial.values.length));

  function describe(parameters: ParameterSet, velocity: Float64Array): ReferenceModel {
    return {
      hash: blobHashOf(encodeFrame(parameters, nativeSha256), nativeSha256),
      after: (accepted) => step(parameters, velocity, accepted),
    };
  }

  function step(parameters: ParameterSet, before: Float64Array, accepted: readonly AcceptedUpdate[]) {
    const { learningRate, momentum } = serverOptimiser as { learningRate: number; momentum: number };
    const mean = meanOf(accepted, manifest);
    const velocity = before.map((value, i) => mean[i]! + (momentum === 0 ? 0 : momentum * value));
    const values = parameters.values.map((value, i) => value + learningRate * velocity[i]!);
    return describe({ shapes: parameters.shapes, values }, velocity);
  }
}

function meanOf(accepted: readonly AcceptedUpdate[], { rounds, aggregation }: TaskManifest): number[] {
  const invited = Math.ceil(rounds.reportGoal * rounds.overSelection);
  // The largest scale at which |value| x scale x weight stays within 2^51, at most 2^30.
  let scale = 2 ** 30;
  while (aggregation.valueBound * scale * invited * aggregation.maximumWeight > 2 ** 51) scale /= 2;
  const updates = accepted.map(({ frame, exampleCount }) => ({
    values: decodeFrame(frame, { sha256: nativeSha256 }).values,
    weight: aggregation.weighting === 'equal' ? 1 : Math.min(exampleCount, aggregation.maximumWeight),
  }));
  const totalWeight = updates.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from(updates[0]!.values, (_, i) => {
    const sum = updates.reduce(
      (exact, { values, weight }) => exact + BigInt(weight) * BigInt(tiesToEven(values[i]! * scale)),
      0n,
    );
    return Number(sum) / (scale * totalWeight);
  });
}

function tiesToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
