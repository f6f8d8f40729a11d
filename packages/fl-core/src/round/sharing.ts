/**
 * Sharing (secure aggregation): members hear who is in the cohort, and share the secrets behind their masks with their
 * neighbours, sealed. Who has not shared can be left out without a trace, since nobody has masked anything yet.
 */
import type { Instant } from '../identifiers.ts';
import { secondsUntil, send, unchanged, withEffectsBefore } from './effects.ts';
import { become } from './members.ts';
import { openReporting } from './reporting.ts';
import type { RoundEvent, RoundStep } from './round-events.ts';
import type { CohortClosedRound, SharingRound } from './round-state.ts';
import { enough, stageDeadline } from './secure-round.ts';
import { beginWaiting, speaker, stepWaiting, type Wait } from './waiting.ts';

const SHARING: Wait<SharingRound> = {
  duration: (state) => state.stageSeconds ?? 0,
  isAwaited: (member) => member.stage === 'offered',
  ask: (state, member, at) =>
    member.stage === 'offered'
      ? send(member.clientId, {
          type: 'rosterClosed',
          roundNumber: state.roundNumber,
          deadlineSeconds: secondsUntil(state.closesAt, at),
        })
      : null,
  settle(state, at, effects = []) {
    const sharers = state.cohort.filter((member) => member.stage === 'shared');
    const awaited = state.cohort.filter(SHARING.isAwaited).length;
    return enough(state, sharers.length + awaited, { at, effects }, () => {
      if (awaited > 0) return { state, effects };
      const secureSum = { ...state.secureSum, sharers: sharers.map(({ clientId }) => clientId) };
      return withEffectsBefore(effects, openReporting({ ...state, secureSum }, at));
    });
  },
};

export function openSharing(
  state: CohortClosedRound,
  { at, beacon }: { readonly at: Instant; readonly beacon: string },
): RoundStep {
  const secureSum = { beacon, sharers: null, survivors: null };
  return beginWaiting(
    SHARING,
    { ...state, phase: 'sharing', secureSum, closesAt: stageDeadline(state, at) },
    at,
  );
}

export function stepSharing(state: SharingRound, event: RoundEvent): RoundStep {
  if (event.type !== 'sharesSealed') return stepWaiting(SHARING, state, event);
  const heard = speaker(state, event);
  if ('refusal' in heard) return heard.refusal;
  // The same shares again are what a tab answers that was asked again.
  if (heard.member.stage !== 'offered') return unchanged(state);
  const cohort = become(state.cohort, { ...heard.member, stage: 'shared' });
  return SHARING.settle({ ...state, cohort }, event.at);
}
