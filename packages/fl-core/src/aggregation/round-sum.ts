/**
 * The exact sum of one round while its updates arrive. Whose updates are in it is part of it: none counts twice, and a
 * sum that was lost or holds too much can be told from a right one, and built again from the updates themselves.
 */
import { TributaryError } from '../errors.ts';
import type { BlobHash, ClientId } from '../identifiers.ts';
import type { ParameterSet, TensorShape } from '../parameters.ts';
import type { Survivor } from '../round/round-state.ts';
import type { TaskManifest } from '../task/manifest.ts';
import { createAggregator } from './aggregator.ts';

export interface RoundSum {
  /** Adds a checked update, unless an update of this client is in the sum. @returns whether it was added */
  fold(survivor: Survivor, update: ParameterSet): boolean;
  has(survivor: Survivor): boolean;
  /** Whether nothing is in the sum but updates of these. */
  isOnlyOf(survivors: readonly Survivor[]): boolean;
  /** The weighted mean; call it once, when every survivor is in. */
  mean(): Float64Array;
}

export function openRoundSum(
  manifest: Pick<TaskManifest, 'rounds' | 'aggregation'>,
  shapes: readonly TensorShape[],
): RoundSum {
  const aggregator = createAggregator(manifest, shapes);
  const folded = new Map<ClientId, BlobHash>();
  const has = ({ clientId, updateHash }: Survivor): boolean => folded.get(clientId) === updateHash;
  return {
    fold(survivor, update) {
      if (folded.has(survivor.clientId)) return false;
      const { exampleCount } = survivor;
      if (exampleCount === null) throw new TributaryError('internal', 'an update without a weight');
      aggregator.add(update, exampleCount);
      folded.set(survivor.clientId, survivor.updateHash);
      return true;
    },
    has,
    isOnlyOf: (survivors) => survivors.filter(has).length === folded.size,
    mean: () => aggregator.mean(),
  };
}
