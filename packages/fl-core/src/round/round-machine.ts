/**
 * The round machine: selecting -> training -> cohort closed -> reporting -> aggregating -> committed, or
 * abandoned with a reason from any of them. With secure aggregation there is sharing before reporting, and confirming and
 * unmasking after it. Synchronous and total; see `docs/protocol.md`, section "Round".
 */
import { stepAggregating } from './aggregating.ts';
import { stepCohortClosed } from './cohort-closed.ts';
import { stepConfirming } from './confirming.ts';
import { refuseLate } from './effects.ts';
import { stepReporting } from './reporting.ts';
import type { RoundEvent, RoundStep } from './round-events.ts';
import type { RoundState } from './round-state.ts';
import { stepSelecting } from './selecting.ts';
import { stepSharing } from './sharing.ts';
import { noteArrival } from './timeline.ts';
import { stepTraining } from './training.ts';
import { stepUnmasking } from './unmasking.ts';

export function stepRound(state: RoundState, event: RoundEvent): RoundStep {
  return noteArrival(state, stepPhase(state, event), event.at);
}

function stepPhase(state: RoundState, event: RoundEvent): RoundStep {
  switch (state.phase) {
    case 'selecting':
      return stepSelecting(state, event);
    case 'training':
      return stepTraining(state, event);
    case 'cohortClosed':
      return stepCohortClosed(state, event);
    case 'sharing':
      return stepSharing(state, event);
    case 'reporting':
      return stepReporting(state, event);
    case 'confirming':
      return stepConfirming(state, event);
    case 'unmasking':
      return stepUnmasking(state, event);
    case 'aggregating':
      return stepAggregating(state, event);
    case 'committed':
    case 'abandoned':
      return refuseLate(state, event);
  }
}
