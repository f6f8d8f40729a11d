/**
 * Confirming (secure aggregation): survivors hear who shared and who survived, and sign it. Their neighbours see the
 * signatures, so nobody can be told that a member is dead while others are told that it lives (Bonawitz et al. 2017,
 * consistency check).
 */
import type { Instant } from '../identifiers.ts';
import { refuse, secondsUntil, send, unchanged, withEffectsBefore } from './effects.ts';
import { become } from './members.ts';
import type { RoundEvent, RoundStep } from './round-events.ts';
import type { ConfirmingRound, ReportingRound, SecureSumFacts } from './round-state.ts';
import { enough, stageDeadline } from './secure-round.ts';
import { openUnmasking } from './unmasking.ts';
import { beginWaiting, speaker, stepWaiting, type Wait } from './waiting.ts';

const CONFIRMING: Wait<ConfirmingRound> = {
  duration: (state) => state.stageSeconds ?? 0,
  isAwaited: (member) => member.stage === 'summed',
  ask: (state, member, at) =>
    member.stage === 'summed'
      ? send(member.clientId, {
          type: 'survivorsClosed',
          roundNumber: state.roundNumber,
          deadlineSeconds: secondsUntil(state.closesAt, at),
        })
      : null,
  settle(state, at, effects = []) {
    const confirmed = state.cohort.filter((member) => member.stage === 'confirmed').length;
    const awaited = state.cohort.filter(CONFIRMING.isAwaited).length;
    return enough(state, confirmed + awaited, { at, effects, atLeast: 1 }, () => {
      return awaited > 0 ? { state, effects } : withEffectsBefore(effects, openUnmasking(state, at));
    });
  },
};

export function openConfirming(state: ReportingRound, secureSum: SecureSumFacts, at: Instant): RoundStep {
  const closesAt = stageDeadline(state, at);
  return beginWaiting(CONFIRMING, { ...state, phase: 'confirming', secureSum, closesAt }, at);
}

export function stepConfirming(state: ConfirmingRound, event: RoundEvent): RoundStep {
  if (event.type !== 'survivorsConfirmed') return stepWaiting(CONFIRMING, state, event);
  const heard = speaker(state, event);
  if ('refusal' in heard) return heard.refusal;
  const { member } = heard;
  if (member.stage === 'confirmed') return unchanged(state);
  if (member.stage !== 'summed') {
    return refuse(state, event.clientId, 'phase-mismatch', 'this member is not asked any more');
  }
  const { confirmation } = event;
  const cohort = become(state.cohort, { ...member, stage: 'confirmed', confirmation });
  return CONFIRMING.settle({ ...state, cohort }, event.at);
}
