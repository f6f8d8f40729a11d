/** Last stage: one answer, the sum of the shares of those whose inputs arrived. */
import { membersOf } from '../../secagg/bitmap.ts';
import { SecAggError } from '../../secagg/errors.ts';
import { addVector } from '../field.ts';
import { packVector } from '../field-bytes.ts';
import type { Masked } from './mask-values.ts';

/**
 * U answers for one set give the sum of its masks: a small set would give away few people's sum, and two sets the
 * difference. So the set has at least U members and as many as device and plan ask for, and a device answers for one set.
 *
 * Nobody asks what the others were told, as SA-1 does. A coordinator that tells two halves different sets gets U answers
 * for each where 2 U <= n + T (T of them its own), and with them the input that makes the difference: against one that
 * lies, this protocol holds only above.
 *
 * @param survivors whose masked inputs arrived, as a bitmap
 * @throws SecAggError `secagg-survivors-invalid`, `secagg-cohort-too-small`, `secagg-message-malformed`
 */
export function sumShares(
  { session, index, minimumSurvivors, shares }: Masked,
  { survivors: bitmap }: { readonly survivors: Uint8Array },
): Uint8Array {
  const survivors = membersOf(bitmap, session.code.members);
  if (!survivors.includes(index)) {
    throw new SecAggError('secagg-survivors-invalid', 'this device is alive, and is not among the survivors');
  }
  const stranger = survivors.find((survivor) => !shares.has(survivor));
  if (stranger !== undefined) {
    throw new SecAggError(
      'secagg-survivors-invalid',
      `member ${stranger} survives without having shared its mask`,
    );
  }
  if (survivors.length < minimumSurvivors) {
    throw new SecAggError(
      'secagg-cohort-too-small',
      `${survivors.length} survivors are fewer than ${minimumSurvivors}`,
    );
  }
  const sum = new Int32Array(session.code.pieceLength);
  for (const survivor of survivors) addVector(sum, shares.get(survivor)!);
  return packVector(sum);
}
