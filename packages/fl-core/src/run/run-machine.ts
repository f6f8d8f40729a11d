/**
 * The run machine: keeps the population that is present, opens one round after another, and obeys the
 * operator. Synchronous and total, like the round machine that it carries.
 *
 * The runner answers a check-in with `admitted` (it has the manifest) and then feeds `clientCheckedIn`; every
 * other message to a participant comes from here.
 */
import type { BlobHash, ClientId, Instant, RunId } from '../identifiers.ts';
import { membersOf } from '../round/endings.ts';
import { smallestCohort } from '../round/minimum-cohort.ts';
import { emptyModelLog, modelLogHead } from '../round/model-log.ts';
import type { RoundEffect, RoundEvent, RoundStep } from '../round/round-events.ts';
import { stepRound } from '../round/round-machine.ts';
import type { AbandonedRound, CommittedRound, RoundMember, RoundState } from '../round/round-state.ts';
import { openRound } from '../round/selecting.ts';
import type { TaskManifest } from '../task/manifest.ts';
import { goneBack, openTuning, pacedBy, type Tuning, tunedBy } from '../update/tuning.ts';
import type { RunEffect, RunEvent, RunState, RunStep } from './run-state.ts';

/** A new run: paused until the operator launches it with `resumeRequested`. */
export function openRun(opening: {
  readonly runId: RunId;
  readonly manifest: Pick<
    TaskManifest,
    'seed' | 'rounds' | 'secureAggregation' | 'model' | 'privacy' | 'compression'
  >;
  readonly modelHash: BlobHash;
}): RunState {
  return {
    runId: opening.runId,
    seed: opening.manifest.seed,
    plan: opening.manifest.rounds,
    status: 'paused',
    wasLaunched: false,
    modelHash: opening.modelHash,
    secureAggregation: opening.manifest.secureAggregation,
    modelLog: emptyModelLog(opening.runId),
    tuning: openTuning(opening.manifest),
    committedRounds: 0,
    roundNumber: 0,
    present: [],
    resting: [],
    round: null,
  };
}

export function stepRun(state: RunState, event: RunEvent): RunStep {
  switch (event.type) {
    case 'pauseRequested':
      return pause(state);
    case 'resumeRequested':
      return resume(state, event.at);
    case 'stopRequested':
      return stop(state, event.at);
    case 'rollBackRequested':
      return rollBack(state, event);
    case 'clientCheckedIn': {
      const isHere = state.present.includes(event.clientId);
      const present = isHere ? state.present : [...state.present, event.clientId];
      const resting = without(state.resting, event.clientId);
      return state.round
        ? advance({ ...state, present, resting }, event)
        : greetWithoutRound({ ...state, present, resting }, event);
    }
    case 'clientDisconnected':
    case 'clientLeft':
      return advance(
        {
          ...state,
          present: without(state.present, event.clientId),
          resting: without(state.resting, event.clientId),
        },
        event,
      );
    case 'clientWithdrew': {
      const step = state.round ? stepRound(state.round, event) : null;
      // A round that refuses leaves itself as it was.
      const isTaken = step !== null && step.state !== state.round;
      return isTaken
        ? advance({ ...state, resting: including(state.resting, event.clientId) }, event)
        : advance(state, event);
    }
    case 'clientBarred':
      return bar(state, event);
    case 'restarted':
      return advance({ ...withModelLog(state), present: [], resting: [] }, event);
    default:
      return advance(state, event);
  }
}

/** It stays present: only a round that invites has to let go of it. */
function bar(state: RunState, { at, clientId }: Extract<RunEvent, { type: 'clientBarred' }>): RunStep {
  if (!state.present.includes(clientId)) return { state, effects: [] };
  const barred = { ...state, resting: including(state.resting, clientId) };
  return state.round?.phase === 'selecting'
    ? advance(barred, { type: 'clientLeft', at, clientId })
    : { state: barred, effects: [] };
}

/** Lets the round see the event, and goes on to the next round when this one has ended. */
function advance(state: RunState, event: RoundEvent): RunStep {
  if (!state.round) return { state, effects: refuseWithoutRound(state, event) };
  const step = stepRound(state.round, event);
  if (event.type !== 'timeAdvanced') return follow(state, step, event.at);
  const late = lateMembers(state.round, step.state, event.at).filter((id) => state.present.includes(id));
  return follow({ ...state, resting: late.reduce(including, state.resting) }, step, event.at);
}

/**
 * Members who have just let a deadline pass. They are still present, perhaps because nothing has told yet that their
 * connections are dead; whoever lives is told, and offers itself again.
 */
function lateMembers(before: RoundState, after: RoundState, at: Instant): ClientId[] {
  if (before === after) return [];
  const lateBefore = new Set(
    membersOf(before)
      .filter(isLate)
      .map(({ clientId }) => clientId),
  );
  const nobodyWaits = after.phase === 'abandoned' && before.phase === 'training' && at >= before.closesAt;
  return membersOf(after)
    .filter((member) =>
      isLate(member) ? !lateBefore.has(member.clientId) : nobodyWaits && member.stage === 'training',
    )
    .map(({ clientId }) => clientId);
}

const isLate = (member: RoundMember): boolean =>
  (member.stage === 'dropped' || member.stage === 'silent') && member.reason === 'deadline-passed';

function follow(state: RunState, step: RoundStep, at: Instant): RunStep {
  const round = step.state;
  switch (round.phase) {
    case 'committed': {
      const advanced: RunState = {
        ...state,
        modelHash: round.nextModelHash,
        committedRounds: state.committedRounds + 1,
        tuning: tuningAfter(state.tuning, round),
      };
      const evaluate = {
        type: 'evaluate',
        roundNumber: round.roundNumber,
        modelHash: round.nextModelHash,
      } as const;
      return afterRound(advanced, at, [...recorded(round, step.effects), evaluate]);
    }
    case 'abandoned':
      return afterRound(
        { ...state, tuning: tuningAfter(state.tuning, round) },
        at,
        recorded(round, step.effects),
      );
    default:
      return { state: { ...state, round }, effects: step.effects };
  }
}

/** What the next round is told follows from what this one showed. */
function tuningAfter(tuning: Tuning | null, round: CommittedRound | AbandonedRound): Tuning | null {
  if (!tuning) return null;
  const paced = pacedBy(tuning, round.uploadSeconds ?? []);
  return round.sum ? tunedBy(paced, round.sum) : paced;
}

/** The record is durable before anybody hears of the outcome. */
function recorded(round: RoundState, effects: readonly RoundEffect[]): RunEffect[] {
  return [{ type: 'recordRound', round }, ...effects];
}

function afterRound(state: RunState, at: Instant, effects: readonly RunEffect[]): RunStep {
  const idle: RunState = { ...state, round: null };
  if (state.committedRounds >= state.plan.committedRounds) return end(idle, 'completed', effects);
  if (state.status === 'pausing') return rest(idle, effects);
  const next = openNextRound({ ...idle, status: 'running' }, at);
  return { state: next.state, effects: [...effects, ...next.effects] };
}

function openNextRound(state: RunState, at: Instant): RunStep {
  const roundNumber = state.roundNumber + 1;
  const { secureAggregation, modelHash } = state;
  const modelLog = modelLogHead(state.modelLog, { roundNumber, modelHash });
  const opened = openRound({
    roundNumber,
    plan: state.plan,
    seed: state.seed,
    modelHash,
    modelLog,
    previousModelLog: state.modelLog,
    stageSeconds: secureAggregation.mode === 'off' ? null : secureAggregation.stageSeconds,
    minimumCohort: smallestCohort(state.plan, secureAggregation),
    encoding: state.tuning?.encoding ?? null,
    at,
    candidates: state.present.filter((clientId) => !state.resting.includes(clientId)),
  });
  return { state: { ...state, roundNumber, modelLog, round: opened.state }, effects: opened.effects };
}

/** A state that an earlier release stored begins the log with the round that it is in. */
function withModelLog(state: RunState): RunState {
  if (state.modelLog) return state;
  const { roundNumber, modelHash, round } = state;
  const previousModelLog = emptyModelLog(state.runId);
  const modelLog = round ? modelLogHead(previousModelLog, { roundNumber, modelHash }) : previousModelLog;
  return {
    ...state,
    secureAggregation: { mode: 'off' },
    modelLog,
    round: round && {
      ...round,
      modelLog,
      previousModelLog,
      stageSeconds: null,
      minimumCohort: state.plan.minimumSurvivors,
    },
  };
}

function pause(state: RunState): RunStep {
  if (state.status !== 'running') return { state, effects: [] };
  if (state.round?.phase !== 'selecting') {
    return { state: { ...state, status: 'pausing' }, effects: [{ type: 'persist' }] };
  }
  // Nobody was invited yet: this round never happened, and its number is free again.
  const { previousModelLog } = state.round;
  const before = { ...state, round: null, roundNumber: state.roundNumber - 1, modelLog: previousModelLog };
  return rest(before, [{ type: 'persist' }]);
}

function rest(state: RunState, effects: readonly RunEffect[]): RunStep {
  const wait = state.present.map((clientId) => pausedMessage(state, clientId));
  return { state: { ...state, status: 'paused' }, effects: [...effects, ...wait] };
}

function resume(state: RunState, at: Instant): RunStep {
  if (state.status === 'pausing') {
    return { state: { ...state, status: 'running' }, effects: [{ type: 'persist' }] };
  }
  if (state.status !== 'paused') return { state, effects: [] };
  const next = openNextRound({ ...state, status: 'running', wasLaunched: true }, at);
  return { state: next.state, effects: [{ type: 'persist' }, ...next.effects] };
}

/** Only between rounds: a round in progress trains on the model that would be left behind. Numbers are never used twice. */
function rollBack(state: RunState, event: Extract<RunEvent, { type: 'rollBackRequested' }>): RunStep {
  if (state.status !== 'paused' && state.status !== 'completed') return { state, effects: [] };
  const { modelHash, committedRounds, toRound, sum } = event;
  // An earlier model has larger updates: as after its own round, or as at the beginning.
  const tuning = state.tuning && goneBack(state.tuning, sum);
  return {
    state: { ...state, status: 'paused', modelHash, committedRounds, tuning },
    effects: [{ type: 'recordRollBack', toRound }],
  };
}

function stop(state: RunState, at: Instant): RunStep {
  if (state.status === 'completed' || state.status === 'stopped') return { state, effects: [] };
  const idle: RunState = { ...state, round: null };
  if (!state.round || state.round.phase === 'selecting') return end(idle, 'stopped', [{ type: 'persist' }]);
  const step = stepRound(state.round, { type: 'stopped', at });
  return end(idle, 'stopped', recorded(step.state, step.effects));
}

function end(state: RunState, status: 'completed' | 'stopped', effects: readonly RunEffect[]): RunStep {
  const ended: RunState = { ...state, status };
  return {
    state: ended,
    effects: [
      ...effects,
      ...state.present.map((clientId) => endedMessage(ended, clientId, status)),
      { type: 'runEnded', status },
    ],
  };
}

function greetWithoutRound(state: RunState, { clientId }: { readonly clientId: ClientId }): RunStep {
  const isOver = state.status === 'completed' || state.status === 'stopped';
  const message = isOver
    ? endedMessage(state, clientId, state.status === 'completed' ? 'completed' : 'stopped')
    : pausedMessage(state, clientId);
  return { state, effects: [message] };
}

function refuseWithoutRound(state: RunState, event: RoundEvent): RunEffect[] {
  if (!('roundNumber' in event && 'clientId' in event)) return [];
  const message = `the run is ${state.status}; no round is open`;
  return [{ type: 'refuse', to: event.clientId, code: 'run-not-open', message }];
}

const without = (clientIds: readonly ClientId[], leaving: ClientId): readonly ClientId[] =>
  clientIds.filter((clientId) => clientId !== leaving);

const including = (clientIds: readonly ClientId[], coming: ClientId): readonly ClientId[] => [
  ...without(clientIds, coming),
  coming,
];

function pausedMessage(state: RunState, to: ClientId): RunEffect {
  const message = {
    type: 'comeBack',
    afterSeconds: state.plan.comeBackSeconds,
    reason: 'run-paused',
  } as const;
  return { type: 'send', to, message };
}

function endedMessage(state: RunState, to: ClientId, status: 'completed' | 'stopped'): RunEffect {
  const message = {
    type: 'runEnded',
    status,
    modelHash: state.modelHash,
    committedRounds: state.committedRounds,
  } as const;
  return { type: 'send', to, message };
}
