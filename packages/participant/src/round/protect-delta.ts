import { isAdditive, type ParameterSet, type TaskManifest, TributaryError } from '@tributary/fl-core';
import { clipToNorm } from '@tributary/privacy';

/**
 * Clips the delta in place, where the task asks for it, and refuses what the coordinator would refuse.
 * @throws TributaryError `update-not-finite`, `update-out-of-range`
 */
export function protectDelta(
  delta: ParameterSet,
  { privacy, aggregation, compression }: TaskManifest,
): ParameterSet {
  const { values } = delta;
  if (!values.every(Number.isFinite)) {
    throw new TributaryError(
      'update-not-finite',
      'training diverged: the update has values that are not numbers',
    );
  }
  // What adds up is clipped where it is coded: the residual is added and the sample taken before.
  if (isAdditive(compression)) return delta;
  if (privacy.clippingNorm !== undefined) clipToNorm(values, privacy.clippingNorm);
  const bound = aggregation.valueBound;
  if (!values.every((value) => Math.abs(value) <= bound)) {
    throw new TributaryError(
      'update-out-of-range',
      `the update has values beyond ±${bound}, which this task allows`,
    );
  }
  return delta;
}
