/** The limits of an update that is floats, or was decoded to them. */
import { l2Norm } from '@tributary/privacy';
import { TributaryError } from '../errors.ts';
import type { ParameterSet } from '../parameters.ts';
import type { ClearPlan } from '../task/compression-plan.ts';
import type { SumManifest } from '../task/secure-sum-plan.ts';

/**
 * @param slack how much longer than the clipping norm it may be
 * @throws TributaryError `update-not-finite`, `update-out-of-range`
 */
export function checkFloats(update: ParameterSet, manifest: SumManifest, slack: number): ParameterSet {
  checkRange(update.values, manifest.aggregation.valueBound);
  const { clippingNorm } = manifest.privacy;
  if (clippingNorm !== undefined && l2Norm(update.values) > clippingNorm * slack) {
    throw new TributaryError(
      'update-out-of-range',
      'the update is longer than the clipping norm of this run',
    );
  }
  return update;
}

function checkRange(values: Float32Array, valueBound: number): void {
  for (let i = 0; i < values.length; i += 1) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude <= valueBound) continue;
    if (Number.isFinite(magnitude)) {
      throw new TributaryError('update-out-of-range', `a value lies outside [-${valueBound}, ${valueBound}]`);
    }
    throw new TributaryError('update-not-finite', 'a value is not a finite number');
  }
}

/**
 * How much longer than what was coded an honest code may be.
 *
 * - EDEN without feedback scales each block by |y|^2 / <c, y>, and so its norm by |y| / (|c| cos): at most twice, but for vectors
 *   that the rotation did not spread; and stands for the coordinates that did not travel.
 * - The others round each value, up to the next level at worst; PowerSGD projects.
 */
export function normSlack(plan: ClearPlan): number {
  return plan.codec === 'eden' && plan.feedback.mode === 'off' ? 2 / plan.fraction : 2;
}
