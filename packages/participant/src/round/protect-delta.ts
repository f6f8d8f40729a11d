import { type ParameterSet, type TaskManifest, TributaryError } from '@tributary/fl-core';
import { clipToNorm } from '@tributary/privacy';

/**
 * Refuses a training that diverged; clips in place what is sent as it is, and refuses what the coordinator would refuse.
 * What is coded is clipped where it is coded: after what earlier codes lost was added, and after its sample was taken.
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
  if (compression.codec !== 'float32') return delta;
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
