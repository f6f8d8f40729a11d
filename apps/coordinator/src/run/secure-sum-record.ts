/** What is told of a round's secure sum: how many members did each stage, and how long it took. */
import type { Instant, PhaseMark, SecureSumRecord, SecureSumStage } from '@tributary/fl-core';
import { labelOf, type ServerSession } from '@tributary/privacy';
import type { SecureRound } from '../secure-sum/secure-round.ts';

const STAGES: readonly (readonly [PhaseMark['phase'], SecureSumStage])[] = [
  ['sharing', 'sharing'],
  ['reporting', 'masking'],
  ['confirming', 'confirming'],
  ['unmasking', 'revealing'],
];

/** @param closedAt when the round ended; null while it goes on */
export function secureSumRecord(
  round: SecureRound,
  session: ServerSession,
  closedAt: Instant | null,
): SecureSumRecord {
  const members = membersOfStages(round);
  return {
    // Nobody but the coordinator vouches for the code in the tabs, or for who its members are.
    label: labelOf(session, {
      confirmations: members.confirming,
      isCodePinned: false,
      areIdentitiesReal: false,
    }),
    graph: session.graph.kind,
    degree: session.graph.degree,
    shareThreshold: session.graph.shareThreshold,
    cohort: round.cohort.length,
    minimumSurvivors: round.plan.minimumSurvivors,
    stages: STAGES.flatMap(([phase, stage]) => {
      const seconds = secondsIn(round.timeline, phase, closedAt);
      return seconds === undefined ? [] : [{ stage, members: members[stage], seconds }];
    }),
  };
}

function membersOfStages({ cohort, secureSum }: SecureRound): Readonly<Record<SecureSumStage, number>> {
  const inStage = (stage: (typeof cohort)[number]['stage']): number =>
    cohort.filter((member) => member.stage === stage).length;
  return {
    sharing: secureSum.sharers?.length ?? inStage('shared'),
    masking: secureSum.survivors?.length ?? inStage('summed'),
    confirming: cohort.filter((member) => 'confirmation' in member && member.confirmation !== null).length,
    revealing: inStage('revealed'),
  };
}

/** All of them together, when a restart began the phase again; undefined when it never began, null while it goes on. */
function secondsIn(
  timeline: readonly PhaseMark[],
  phase: PhaseMark['phase'],
  closedAt: Instant | null,
): number | null | undefined {
  let seconds: number | undefined;
  for (const [i, mark] of timeline.entries()) {
    if (mark.phase !== phase) continue;
    const end = timeline[i + 1]?.at ?? closedAt;
    if (end === null) return null;
    seconds = (seconds ?? 0) + Math.max(0, end - mark.at) / 1000;
  }
  return seconds;
}
