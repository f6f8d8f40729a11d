/** A mask as shares for the members (So et al., MLSys 2022, section 4.1), and the sum of masks back from sums of shares (4.3). */
import type { MaskCode } from './code.ts';
import { interpolationWeights, memberPoint, piecePoints } from './lagrange.ts';
import { weightedSum } from './weighted-sum.ts';

/**
 * @param mask uniform; `dataPieces * pieceLength` elements
 * @param noise uniform, and drawn for this mask alone; `privacy * pieceLength` elements. Without it the shares are a plain erasure code of
 *   the mask, and a single one tells about it, while every sum is still right
 * @returns a share of `pieceLength` elements for each member
 */
export function shareMask(mask: Int32Array, noise: Int32Array, code: MaskCode): Int32Array[] {
  const { recovery, members, pieceLength } = code;
  const pieces = [...cut(mask, pieceLength), ...cut(noise, pieceLength)];
  const points = Array.from({ length: members }, (_, index) => memberPoint(recovery, index));
  return interpolationWeights(piecePoints(recovery), points).map((weights) => weightedSum(weights, pieces));
}

/**
 * @param answers from U members: the sum of the shares that each holds of the same masks
 * @returns the sum of those masks
 */
export function joinMasks(
  answers: readonly { readonly member: number; readonly shares: Int32Array }[],
  { recovery, dataPieces, pieceLength }: MaskCode,
): Int32Array {
  if (answers.length !== recovery) throw new RangeError(`${answers.length} answers are not ${recovery}`);
  const from = answers.map(({ member }) => memberPoint(recovery, member));
  const shares = answers.map((answer) => answer.shares);
  const mask = new Int32Array(dataPieces * pieceLength);
  interpolationWeights(from, piecePoints(recovery).slice(0, dataPieces)).forEach((weights, piece) => {
    mask.set(weightedSum(weights, shares), piece * pieceLength);
  });
  return mask;
}

function cut(vector: Int32Array, length: number): Int32Array[] {
  return Array.from({ length: vector.length / length }, (_, piece) =>
    vector.subarray(piece * length, (piece + 1) * length),
  );
}
