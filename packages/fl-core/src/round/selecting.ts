/**
 * Selecting: candidates gather until there are enough to invite, or until the wait for more has lasted long
 * enough. With fewer than the smallest cohort there is nothing to wait for but people, so no clock runs.
 */
import { afterSeconds, type BlobHash, type ClientId, type Instant } from '../identifiers.ts';
import { inviteCount, type RoundPlan } from '../task/round-plan.ts';
import type { SumEncoding } from '../update/sum-encoding.ts';
import { sampleCohort } from './cohort-sampling.ts';
import { askToComeBack, persist, refuseLate, secondsUntil, send, unchanged, wakeAt } from './effects.ts';
import { abandonRound } from './endings.ts';
import { minimumCohortOf } from './minimum-cohort.ts';
import type { RoundEffect, RoundEvent, RoundStep } from './round-events.ts';
import type { SelectingRound, TrainingRound } from './round-state.ts';
import { noteArrival } from './timeline.ts';

export interface RoundOpening {
  readonly roundNumber: number;
  readonly plan: RoundPlan;
  readonly seed: string;
  readonly modelHash: BlobHash;
  readonly modelLog: BlobHash;
  readonly previousModelLog: BlobHash;
  /** Null without secure aggregation. */
  readonly stageSeconds: number | null;
  /** `minimumSurvivors` when absent. */
  readonly minimumCohort?: number;
  /** None when absent. */
  readonly encoding?: SumEncoding | null;
  readonly at: Instant;
  /** Who is present already. */
  readonly candidates: readonly ClientId[];
}

export function openRound({ at, ...opening }: RoundOpening): RoundStep {
  const timeline = [{ phase: 'selecting', at }] as const;
  const opened: SelectingRound = {
    phase: 'selecting',
    minimumCohort: opening.plan.minimumSurvivors,
    encoding: null,
    ...opening,
    openedAt: at,
    closesAt: null,
    timeline,
  };
  return noteArrival(opened, considerInviting(opened, at), at);
}

export function stepSelecting(state: SelectingRound, event: RoundEvent): RoundStep {
  switch (event.type) {
    case 'clientCheckedIn': {
      const candidates = state.candidates.includes(event.clientId)
        ? state.candidates
        : [...state.candidates, event.clientId];
      const step = considerInviting({ ...state, candidates }, event.at);
      if (step.state.phase !== 'selecting') return step;
      return {
        ...step,
        effects: [...step.effects, askToComeBack(state, event.clientId, 'waiting-for-others')],
      };
    }
    case 'clientDisconnected':
    case 'clientLeft': {
      const candidates = state.candidates.filter((candidate) => candidate !== event.clientId);
      return considerInviting({ ...state, candidates }, event.at);
    }
    case 'timeAdvanced':
      return considerInviting(state, event.at);
    case 'restarted':
      return unchanged({ ...state, candidates: [], closesAt: null });
    case 'stopped':
      return abandonRound(state, { at: event.at, reason: 'stopped' });
    default:
      return refuseLate(state, event);
  }
}

function considerInviting(state: SelectingRound, at: Instant): RoundStep {
  const { plan, candidates } = state;
  if (candidates.length < minimumCohortOf(state)) return unchanged({ ...state, closesAt: null });
  const closesAt = state.closesAt ?? afterSeconds(at, plan.selectionSeconds);
  if (candidates.length >= inviteCount(plan) || at >= closesAt) return invite(state, at);
  return { state: { ...state, closesAt }, effects: state.closesAt === null ? [wakeAt(closesAt)] : [] };
}

function invite(state: SelectingRound, at: Instant): RoundStep {
  const { plan, roundNumber } = state;
  const chosen = sampleCohort(state.candidates, {
    count: inviteCount(plan),
    seed: `${state.seed}/${roundNumber}`,
  });
  const closesAt = afterSeconds(at, plan.trainingSeconds);
  const { candidates, phase: _, ...common } = state;
  const training: TrainingRound = {
    ...common,
    phase: 'training',
    invited: chosen.map((clientId) => ({ clientId, stage: 'training', awaySince: null })),
    closesAt,
  };
  const invited = new Set(chosen);
  return {
    state: training,
    effects: [
      persist,
      wakeAt(closesAt),
      ...chosen.map((clientId) => inviteMessage(training, { to: clientId, at })),
      ...candidates
        .filter((candidate) => !invited.has(candidate))
        .map((candidate) => askToComeBack(state, candidate, 'not-selected')),
    ],
  };
}

export function inviteMessage(
  state: TrainingRound,
  { to, at }: { readonly to: ClientId; readonly at: Instant },
): RoundEffect {
  return send(to, {
    type: 'invited',
    roundNumber: state.roundNumber,
    modelHash: state.modelHash,
    modelLog: state.modelLog,
    previousModelLog: state.previousModelLog,
    deadlineSeconds: secondsUntil(state.closesAt, at),
    ...(state.encoding && { encoding: state.encoding }),
  });
}
