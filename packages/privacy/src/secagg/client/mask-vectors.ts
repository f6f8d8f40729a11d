import { SecAggError } from '../errors.ts';
import { applyMasks } from '../masks.ts';
import type { LaneSum, SecAggCrypto } from '../ports.ts';
import type { Masked, Opened } from './client-states.ts';

/**
 * Adds this device's own mask and those of all sharing neighbours to each vector, in place and modulo 2^b. Nothing of the
 * size of a vector is made on the way.
 * @param vectors already holding the values, in the order of `task.vectors`; one that failed half-way must not be used
 * @throws SecAggError `secagg-plan-mismatch` when they are not those of the plan
 */
export async function maskVectors(
  state: Opened,
  vectors: readonly LaneSum[],
  crypto: SecAggCrypto,
): Promise<Masked> {
  const { session, index, neighbourhood, minimumSurvivors, sharers, held, masks } = state;
  const planned = session.task.vectors;
  const areAsPlanned =
    vectors.length === planned.length &&
    planned.every(
      ({ bits, length }, i) => vectors[i]!.length === length && vectors[i]!.laneBytes === Math.ceil(bits / 8),
    );
  if (!areAsPlanned) throw new SecAggError('secagg-plan-mismatch', 'the vectors are not those of the plan');
  for (const [i, vector] of vectors.entries()) {
    await applyMasks(vector, masks[i]!, { from: 0, to: vector.length }, crypto);
  }
  return { stage: 'masked', session, index, neighbourhood, minimumSurvivors, sharers, held };
}
