/** How masks are coded for a roster of n: T members who conspire learn nothing, any U members bring the sum back. */
import { SecAggError } from '../secagg/errors.ts';
import { PRIME } from './field.ts';
import type { LightTask } from './task.ts';

export interface MaskCode {
  /** n. */
  readonly members: number;
  /** T: pieces of noise. */
  readonly privacy: number;
  /** U: members whose answers are needed. */
  readonly recovery: number;
  /** U - T: pieces into which a mask is cut. */
  readonly dataPieces: number;
  /** Elements of a piece, and of a share. */
  readonly pieceLength: number;
}

/** Sums of products stay exact up to here; see `weightedSum`. */
const MOST_MEMBERS = 255;

/**
 * T = ceil(corrupt n), U = n - ceil(dropout n).
 * @throws SecAggError `secagg-roster-too-large`, `secagg-cohort-too-small`; `secagg-parameters-impossible` unless 1 <= T < U
 *   and the sum of n inputs has a place in the field
 */
export function codeFor(
  members: number,
  { length, bound, corruptFraction, dropoutFraction, minimumSurvivors }: LightTask,
): MaskCode {
  if (members > MOST_MEMBERS) {
    throw new SecAggError('secagg-roster-too-large', `${members} members are more than ${MOST_MEMBERS}`);
  }
  if (members < minimumSurvivors) {
    throw new SecAggError('secagg-cohort-too-small', `${members} members cannot leave ${minimumSurvivors}`);
  }
  const privacy = Math.max(1, Math.ceil(corruptFraction * members));
  const recovery = members - Math.ceil(dropoutFraction * members);
  if (privacy >= recovery) {
    throw new SecAggError(
      'secagg-parameters-impossible',
      `the ${recovery} of ${members} who stay must be more than the ${privacy} who may conspire`,
    );
  }
  if (members * bound > (PRIME - 1) / 2) {
    throw new SecAggError(
      'secagg-parameters-impossible',
      `${members} inputs within ${bound} can add up to more than ${(PRIME - 1) / 2}, the largest number of the field`,
    );
  }
  const dataPieces = recovery - privacy;
  return { members, privacy, recovery, dataPieces, pieceLength: Math.ceil(length / dataPieces) };
}
