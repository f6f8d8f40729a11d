import { type ParameterSet, type TaskManifest, TributaryError } from '@tributary/fl-core';
import { clipToNorm, l2Norm } from '@tributary/privacy';

/**
 * Refuses a training that diverged; clips in place what is sent as it is, and refuses what the coordinator would refuse.
 * What is coded is clipped where it is coded: after what earlier codes lost was added, and after its sample was taken.
 * @throws TributaryError `update-not-finite`, `update-out-of-range`
 */
export function protectDelta(delta: ParameterSet, manifest: TaskManifest): ParameterSet {
  if (!delta.values.every(Number.isFinite)) {
    throw new TributaryError(
      'update-not-finite',
      'training diverged: the update has values that are not numbers',
    );
  }
  return manifest.compression.codec === 'float32' ? clipAndCheck(delta, manifest) : delta;
}

/** In place. @throws TributaryError `update-out-of-range` */
export function clipAndCheck(delta: ParameterSet, manifest: TaskManifest): ParameterSet {
  const { clippingNorm } = manifest.privacy;
  if (clippingNorm !== undefined) clipToNorm(delta.values, clippingNorm);
  checkBound(delta.values, manifest);
  return delta;
}

/**
 * What the coordinator will read of a code: the same limits, with the slack that it gives codes.
 * @throws TributaryError `update-out-of-range`
 */
export function checkDecoded(values: Float32Array, manifest: TaskManifest, slack: number): void {
  checkBound(values, manifest);
  const { clippingNorm } = manifest.privacy;
  if (clippingNorm === undefined || l2Norm(values) <= clippingNorm * slack) return;
  throw new TributaryError(
    'update-out-of-range',
    'the code of this task is too coarse for this update, which would be refused',
  );
}

function checkBound(values: Float32Array, { aggregation }: TaskManifest): void {
  const bound = aggregation.valueBound;
  if (values.every((value) => Math.abs(value) <= bound)) return;
  throw new TributaryError(
    'update-out-of-range',
    `the update has values beyond ±${bound}, which this task allows`,
  );
}
