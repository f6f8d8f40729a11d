/** What is kept of a finished round: counts for curves and funnel, nothing of anybody. */
import {
  type AbandonedRound,
  type CommittedRound,
  isSurvivor,
  membersOf,
  type RoundState,
  type RoundSummary,
} from '@tributary/fl-core';
import { isSecureRound } from '../secure-sum/secure-round.ts';
import type { SecureSumDesk } from '../secure-sum/secure-sum-desk.ts';
import type { AcceptedUpdate, RoundTally } from '../storage/run-store.ts';
import { secureSumRecord } from './secure-sum-record.ts';

/** @param before the round just before it ended: an abandoned one no longer knows how far each member had come */
export function summariseRound(
  before: RoundState | null,
  finished: CommittedRound | AbandonedRound,
  { tally, desk }: { readonly tally: RoundTally; readonly desk: SecureSumDesk | null },
): RoundSummary {
  const furthest = finished.phase === 'committed' ? finished : before;
  return {
    roundNumber: finished.roundNumber,
    outcome: finished.phase,
    reason: finished.phase === 'abandoned' ? finished.reason : null,
    openedAt: finished.openedAt,
    closedAt: finished.closedAt,
    timeline: [...(finished.timeline ?? [])],
    isSuperseded: false,
    ...funnel(furthest ?? finished),
    dropped: dropReasons(finished),
    modelHash: finished.phase === 'committed' ? finished.nextModelHash : finished.modelHash,
    bytesUp: tally.bytesUp,
    bytesDown: tally.bytesDown,
    validationAccuracy: null,
    validationLoss: null,
    participantAccuracy: tally.evaluatedWeight > 0 ? tally.evaluatedCorrect / tally.evaluatedWeight : null,
    ...(finished.sum && { sum: finished.sum }),
    ...(desk &&
      isSecureRound(furthest) && {
        secureSum: secureSumRecord(furthest, desk.session(furthest), finished.closedAt),
      }),
  };
}

export function acceptedUpdates(round: CommittedRound): AcceptedUpdate[] {
  return round.cohort.flatMap((member) =>
    isSurvivor(member) ? [{ clientId: member.clientId, updateHash: member.announcement.updateHash }] : [],
  );
}

export function funnel(round: RoundState): { invited: number; trained: number; accepted: number } {
  const members = membersOf(round);
  const stages = members.map((member) => member.stage);
  return {
    invited: members.length,
    // Whoever is in a closed cohort has trained, whatever became of it later.
    trained:
      'cohort' in round
        ? round.cohort.length
        : stages.filter((stage) => stage === 'ready' || stage === 'offered').length,
    accepted: members.filter(isSurvivor).length,
  };
}

export function dropReasons(round: RoundState): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const member of membersOf(round)) {
    if (member.stage === 'dropped') counts[member.reason] = (counts[member.reason] ?? 0) + 1;
  }
  return counts;
}
