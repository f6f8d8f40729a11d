/**
 * Unmasking (secure aggregation): those who signed reveal shares of their neighbours' secrets, one of each member's two.
 * As soon as the runner can rebuild every secret that the sum needs, nobody else is waited for. With too few shares nothing
 * is unmasked, and the round is given up.
 */
import { afterSeconds, type Instant } from '../identifiers.ts';
import { persist, refuse, secondsUntil, send, unchanged, wakeAt } from './effects.ts';
import { become, markAllAway } from './members.ts';
import { openAggregating } from './opening-the-sum.ts';
import type { RoundEvent, RoundStep } from './round-events.ts';
import type {
  AggregatingRound,
  CohortMember,
  ConfirmingRound,
  SecureSumFacts,
  UnmaskingRound,
} from './round-state.ts';
import { enough, stageDeadline } from './secure-round.ts';
import { beginWaiting, speaker, stepWaiting, type Wait } from './waiting.ts';

const UNMASKING: Wait<UnmaskingRound> = {
  duration: (state) => state.stageSeconds ?? 0,
  isAwaited: (member) => member.stage === 'confirmed',
  ask: (state, member, at) =>
    member.stage === 'confirmed'
      ? send(member.clientId, {
          type: 'unmaskRequested',
          roundNumber: state.roundNumber,
          deadlineSeconds: secondsUntil(state.closesAt, at),
        })
      : null,
  settle(state, at, effects = []) {
    const awaited = state.cohort.filter(UNMASKING.isAwaited).length;
    return enough(state, awaited, { at, effects, atLeast: 1 }, () => ({ state, effects }));
  },
};

export function openUnmasking(state: ConfirmingRound, at: Instant): RoundStep {
  return beginWaiting(UNMASKING, { ...state, phase: 'unmasking', closesAt: stageDeadline(state, at) }, at);
}

/** The process starts again: the shares were in its memory only, and are asked for again. */
export function reopenUnmasking(
  state: (UnmaskingRound | AggregatingRound) & { readonly secureSum: SecureSumFacts },
  at: Instant,
): RoundStep {
  const { rejoinSeconds } = state.plan;
  const closesAt = afterSeconds(at, Math.max(state.stageSeconds ?? 0, rejoinSeconds + 1));
  const cohort = markAllAway(state.cohort.map(unrevealed), at);
  const unmasking: UnmaskingRound = { ...state, phase: 'unmasking', cohort, closesAt };
  return UNMASKING.settle(unmasking, at, [
    persist,
    wakeAt(afterSeconds(at, rejoinSeconds)),
    wakeAt(closesAt),
  ]);
}

export function stepUnmasking(state: UnmaskingRound, event: RoundEvent): RoundStep {
  switch (event.type) {
    case 'sharesRevealed':
      return noteRevealed(state, event);
    case 'restarted':
      return reopenUnmasking(state, event.at);
    default:
      return stepWaiting(UNMASKING, state, event);
  }
}

function noteRevealed(
  state: UnmaskingRound,
  event: Extract<RoundEvent, { type: 'sharesRevealed' }>,
): RoundStep {
  const heard = speaker(state, event);
  if ('refusal' in heard) return heard.refusal;
  const { member } = heard;
  if (member.stage === 'revealed') return unchanged(state);
  if (member.stage !== 'confirmed') {
    return refuse(state, event.clientId, 'phase-mismatch', 'this member is not asked any more');
  }
  const cohort = become(state.cohort, { ...member, stage: 'revealed' });
  if (!event.isEnough) return UNMASKING.settle({ ...state, cohort }, event.at);
  return openAggregating({ ...state, cohort });
}

function unrevealed(member: CohortMember): CohortMember {
  return member.stage === 'revealed' ? { ...member, stage: 'confirmed' } : member;
}
