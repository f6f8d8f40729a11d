/** The encoding that an invitation tells is one that the plan allows, and stays what it was. */
import type { Instant } from '../identifiers.ts';
import { isEncodingOf, isSameEncoding } from '../update/sum-encoding.ts';
import type { CoordinatorMessage } from '../wire/coordinator-messages.ts';
import { pauseBetweenRounds, roundOf, sayWithdraw } from './moves.ts';
import type { ParticipationState, ParticipationStep } from './participation-state.ts';

/** Null when there is nothing against it. */
export function refuseEncoding(
  state: ParticipationState,
  { roundNumber, encoding }: Extract<CoordinatorMessage, { type: 'invited' }>,
  at: Instant,
): ParticipationStep | null {
  if (!state.manifest) return null;
  const isIn = roundOf(state) === roundNumber;
  const isPlanned = isEncodingOf(state.manifest.compression, encoding);
  const isAsBefore = !isIn || isSameEncoding(state.encoding ?? null, encoding ?? null);
  if (isPlanned && isAsBefore) return null;
  const reason = 'encoding-refused';
  const step = pauseBetweenRounds(state, { at, reason, withdrawing: reason });
  // Who was not in this round has said nothing of it yet.
  return isIn ? step : { ...step, effects: [...step.effects, sayWithdraw(roundNumber, reason)] };
}
