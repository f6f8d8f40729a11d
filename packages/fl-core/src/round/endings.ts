/** The two ways a round ends. */
import type { BlobHash, ClientId, Instant } from '../identifiers.ts';
import type { SumFacts } from '../update/sum-facts.ts';
import { send } from './effects.ts';
import { isSurvivor } from './members.ts';
import type { RoundStep } from './round-events.ts';
import type { AbandonReason, AggregatingRound, RoundMember, RoundState } from './round-state.ts';

export type OpenRound = Exclude<RoundState, { phase: 'committed' | 'abandoned' }>;

/** Nothing of this round is used; its members are told and come back later. */
export function abandonRound(
  state: OpenRound,
  outcome: { readonly at: Instant; readonly reason: AbandonReason; readonly sum?: SumFacts },
): RoundStep {
  const { at, reason, sum = null } = outcome;
  const message = {
    type: 'roundAbandoned',
    roundNumber: state.roundNumber,
    reason,
    comeBackSeconds: state.plan.comeBackSeconds,
  } as const;
  return {
    state: {
      phase: 'abandoned',
      roundNumber: state.roundNumber,
      plan: state.plan,
      seed: state.seed,
      modelHash: state.modelHash,
      modelLog: state.modelLog,
      previousModelLog: state.previousModelLog,
      stageSeconds: state.stageSeconds,
      minimumCohort: state.minimumCohort,
      encoding: state.encoding,
      ...(state.uploadSeconds && { uploadSeconds: state.uploadSeconds }),
      openedAt: state.openedAt,
      timeline: state.timeline,
      reason,
      members: membersOf(state),
      sum,
      closedAt: at,
    },
    effects: engagedMembers(state).map((clientId) => send(clientId, message)),
  };
}

/** The sum exists and a new model with it. */
export function commitRound(
  state: AggregatingRound,
  outcome: { readonly at: Instant; readonly modelHash: BlobHash; readonly sum?: SumFacts },
): RoundStep {
  const survivors = state.cohort.filter(isSurvivor).length;
  return {
    state: {
      ...state,
      phase: 'committed',
      nextModelHash: outcome.modelHash,
      sum: outcome.sum ?? null,
      closedAt: outcome.at,
    },
    effects: state.cohort.map((member) =>
      send(member.clientId, {
        type: 'roundCommitted',
        roundNumber: state.roundNumber,
        modelHash: outcome.modelHash,
        survivors,
        accepted: isSurvivor(member),
      }),
    ),
  };
}

/** Everybody who was invited (in a closed round: the cohort and those dropped before it), with their stages. */
export function membersOf(state: RoundState): readonly RoundMember[] {
  switch (state.phase) {
    case 'selecting':
      return [];
    case 'training':
      return state.invited;
    case 'abandoned':
      return state.members;
    case 'cohortClosed':
    case 'sharing':
    case 'reporting':
    case 'confirming':
    case 'unmasking':
    case 'aggregating':
    case 'committed':
      return [...state.cohort, ...state.droppedBefore];
  }
}

function engagedMembers(state: RoundState): ClientId[] {
  return membersOf(state)
    .filter((member) => member.stage !== 'dropped')
    .map((member) => member.clientId);
}
