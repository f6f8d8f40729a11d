/**
 * An update in a clear code, read: floats like those of an update that was sent whole, and checked like them. Codes are
 * noisy, so a norm that was clipped before coding comes out longer; how much is a fact of the code.
 */
import { CodecError, decodeClear } from '@tributary/compression';
import { TributaryError } from '../errors.ts';
import type { ParameterSet } from '../parameters.ts';
import type { ClearPlan } from '../task/compression-plan.ts';
import { type CodedUpdatePlan, decodeCodedFrame } from '../wire/coded-frame.ts';

/**
 * @param seed the public one of its sender, `memberSeed`
 * @throws TributaryError with a `frame-*` code, `codec-malformed`
 */
export function readClearUpdate(
  frame: Uint8Array,
  { compression, shapes, seed }: CodedUpdatePlan & { readonly seed: Uint8Array },
): ParameterSet {
  const payload = decodeCodedFrame(frame, { compression, shapes });
  try {
    return { shapes, values: decodeClear(payload, compression, { shapes, seed }) };
  } catch (error) {
    if (error instanceof CodecError) throw new TributaryError(error.code, error.message, { cause: error });
    throw error;
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
