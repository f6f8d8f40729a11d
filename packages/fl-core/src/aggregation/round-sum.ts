/**
 * The exact sum of one round while its updates arrive. Whose updates are in it is part of it: none counts twice, and a
 * sum that was lost or holds too much can be told from a right one, and built again from the updates themselves.
 */
import { TributaryError } from '../errors.ts';
import type { BlobHash, ClientId } from '../identifiers.ts';
import type { TensorShape } from '../parameters.ts';
import type { Survivor } from '../round/round-state.ts';
import { isAdditive } from '../task/compression-plan.ts';
import type { SumManifest } from '../task/secure-sum-plan.ts';
import type { RoundCode } from '../update/round-code.ts';
import type { Addends } from './addends.ts';
import { createAggregator } from './aggregator.ts';
import type { CheckedUpdate } from './check-update.ts';
import { openRingSum } from './ring-sum.ts';

export interface RoundSum extends Omit<Addends, 'add'> {
  /** Adds a checked update, unless an update of this client is in the sum. @returns whether it was added */
  fold(survivor: Survivor, update: CheckedUpdate): boolean;
  has(survivor: Survivor): boolean;
  /** Whether nothing is in the sum but updates of these. */
  isOnlyOf(survivors: readonly Survivor[]): boolean;
}

export function openRoundSum(
  manifest: SumManifest,
  shapes: readonly TensorShape[],
  round: RoundCode,
): RoundSum {
  const addends = isAdditive(manifest.compression)
    ? openRingSum(manifest, shapes, round)
    : floats(manifest, shapes);
  const folded = new Map<ClientId, BlobHash>();
  const has = ({ clientId, updateHash }: Survivor): boolean => folded.get(clientId) === updateHash;
  return {
    fold(survivor, update) {
      if (folded.has(survivor.clientId)) return false;
      addends.add(update, survivor);
      folded.set(survivor.clientId, survivor.updateHash);
      return true;
    },
    has,
    isOnlyOf: (survivors) => survivors.filter(has).length === folded.size,
    vectors: addends.vectors,
    mean: () => addends.mean(),
    tally: () => addends.tally(),
    facts: () => addends.facts(),
  };
}

function floats(manifest: SumManifest, shapes: readonly TensorShape[]): Addends {
  const aggregator = createAggregator(manifest, shapes);
  return {
    add(update, { exampleCount }) {
      if (!('values' in update) || exampleCount === null) {
        throw new TributaryError('internal', 'not an update of floats with its weight');
      }
      aggregator.add(update, exampleCount);
    },
    vectors: [],
    mean: () => aggregator.mean(),
    tally: () => null,
    facts: () => null,
  };
}
