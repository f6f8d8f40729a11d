/** What the desk reads of a round's state: who is who in its roster, and what its members have been told. */
import {
  bitmapsOf,
  type ClientId,
  indexOf,
  offersOf,
  type RoundState,
  type SecureSumFacts,
  TributaryError,
} from '@tributary/fl-core';
import { closeRoster, parseOffer, type Remaining, type Roster, type SumTask } from '@tributary/privacy';

/** A round whose cohort is closed, in the order of its roster. */
export type ClosedRound = Extract<RoundState, { cohort: unknown }>;
/** One whose members know who is in it. */
export type SecureRound = ClosedRound & { readonly secureSum: SecureSumFacts };

export function isSecureRound(round: RoundState | null): round is SecureRound {
  return round !== null && 'secureSum' in round && round.secureSum !== null;
}

/** @throws SecAggError when the offers are no roster */
export function rosterOf({ cohort }: ClosedRound, task: SumTask): Roster {
  return closeRoster(offersOf(cohort).map(parseOffer), task);
}

/** @throws TributaryError `not-a-member` */
export function placeOf({ cohort, roundNumber }: ClosedRound, clientId: ClientId): number {
  const index = indexOf(cohort, clientId);
  if (index < 0) throw new TributaryError('not-a-member', `not in the cohort of round ${roundNumber}`);
  return index;
}

export const remainingOf = ({ cohort, secureSum }: SecureRound): Remaining => bitmapsOf(cohort, secureSum);
