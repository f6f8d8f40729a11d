/** Runs as the admin API shows them. */
import {
  type ClientId,
  membersOf,
  type RoundState,
  type RoundSummary,
  type RunDetail,
  type RunSummary,
} from '@tributary/fl-core';
import { isSecureRound } from '../secure-sum/secure-round.ts';
import type { SecureSumDesk } from '../secure-sum/secure-sum-desk.ts';
import type { Contribution, RunProgress } from '../storage/run-store.ts';
import { dropReasons, funnel } from './round-summary.ts';
import type { RunSupervisor } from './run-supervisor.ts';
import { secureSumRecord } from './secure-sum-record.ts';
import { isNew } from './steer-run.ts';

/** What a connection last said about itself; kept in memory only. */
export interface ClientProfile {
  readonly backend: string;
  readonly exampleCount: number;
  readonly progress: {
    readonly roundNumber: number;
    readonly fraction: number;
    readonly examplesPerSecond: number;
  };
}

export function summariseRun(run: RunSupervisor, { accuracy }: RunProgress): RunSummary {
  const { state, manifest } = run;
  return {
    runId: run.runId,
    name: manifest.name,
    status: state.status,
    isNew: isNew(state),
    createdAt: run.createdAt,
    committedRounds: state.committedRounds,
    targetRounds: state.plan.committedRounds,
    roundNumber: state.roundNumber,
    modelHash: state.modelHash,
    present: state.present.length,
    accuracy,
  };
}

export function detailRun(
  run: RunSupervisor,
  facts: {
    progress: RunProgress;
    /** Those to tell: all, or the changed ones. */
    rounds: readonly RoundSummary[];
    contributions: ReadonlyMap<ClientId, Contribution>;
    profiles: ReadonlyMap<ClientId, ClientProfile>;
    soloAccuracy: number | null;
    now: number;
  },
): RunDetail {
  const { round } = run.state;
  return {
    summary: summariseRun(run, facts.progress),
    manifest: run.manifest,
    live: round && describeRound(round, run.secureSum),
    participants: participantIds(run).map((clientId) => {
      const profile = facts.profiles.get(clientId);
      const stage = stageOf(clientId, round);
      const progress = profile?.progress.roundNumber === round?.roundNumber ? profile?.progress : undefined;
      return {
        label: clientId.slice(0, 8),
        backend: profile?.backend ?? 'undecided',
        exampleCount: profile?.exampleCount ?? 0,
        stage,
        progress: stage === 'ready' || stage === 'reported' ? 1 : (progress?.fraction ?? 0),
        examplesPerSecond: progress?.examplesPerSecond ?? 0,
        acceptedUpdates: facts.contributions.get(clientId)?.acceptedUpdates ?? 0,
      };
    }),
    rounds: [...facts.rounds],
    revision: facts.progress.revision,
    totals: facts.progress.totals,
    soloAccuracy: facts.soloAccuracy,
    now: facts.now,
  };
}

function describeRound(round: RoundState, desk: SecureSumDesk | null): NonNullable<RunDetail['live']> {
  return {
    roundNumber: round.roundNumber,
    phase: round.phase,
    candidates: round.phase === 'selecting' ? round.candidates.length : 0,
    ...funnel(round),
    timeline: [...(round.timeline ?? [])],
    dropped: dropReasons(round),
    reportGoal: round.plan.reportGoal,
    minimumSurvivors: round.plan.minimumSurvivors,
    ...(round.encoding && { encoding: round.encoding }),
    closesAt: 'closesAt' in round ? round.closesAt : null,
    ...(desk && isSecureRound(round) && { secureSum: secureSumRecord(round, desk.session(round), null) }),
  };
}

/** Everybody who is connected, and members of the round whose connection is broken. */
export function participantIds({ state }: RunSupervisor): ClientId[] {
  const members = state.round ? membersOf(state.round).map((member) => member.clientId) : [];
  return [...new Set([...state.present, ...members])];
}

function stageOf(clientId: ClientId, round: RoundState | null): RunDetail['participants'][number]['stage'] {
  const member = round && membersOf(round).find((candidate) => candidate.clientId === clientId);
  if (!member) return 'waiting';
  switch (member.stage) {
    case 'offered':
    case 'shared':
    case 'masked':
      return 'ready';
    case 'summed':
    case 'confirmed':
    case 'revealed':
    case 'silent':
      return 'reported';
    default:
      return member.stage;
  }
}
