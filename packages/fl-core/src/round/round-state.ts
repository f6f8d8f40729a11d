/**
 * A round is one selection-to-outcome cycle. Its state is a union by phase: what a phase does not know yet, its
 * type does not have. Everything here is plain JSON, and holds hashes, never parameters.
 */
import type { BlobHash, ClientId, Instant } from '../identifiers.ts';
import type { RoundPlan } from '../task/round-plan.ts';
import type { ABANDON_REASONS } from '../wire/coordinator-messages.ts';
import type { RoundPhase } from './round-phase.ts';

export type AbandonReason = (typeof ABANDON_REASONS)[number];
/** Dropped by the coordinator, which says so. */
export type ReleaseReason = 'away-too-long' | 'deadline-passed' | 'cohort-full' | 'update-refused';
export type DropReason = 'left' | 'withdrew' | ReleaseReason;

/** What a member announced when its training was done. */
export interface Announcement {
  readonly exampleCount: number;
  readonly updateHash: BlobHash;
  readonly updateBytes: number;
}

interface MemberCommon {
  readonly clientId: ClientId;
  /** When its connection broke; null while connected. */
  readonly awaySince: Instant | null;
}
export interface TrainingMember extends MemberCommon {
  readonly stage: 'training';
}
export interface ReadyMember extends MemberCommon {
  readonly stage: 'ready';
  readonly announcement: Announcement;
}
export interface ReportedMember extends MemberCommon {
  readonly stage: 'reported';
  readonly announcement: Announcement;
}
export interface DroppedMember extends MemberCommon {
  readonly stage: 'dropped';
  readonly reason: DropReason;
}
export type InvitedMember = TrainingMember | ReadyMember | DroppedMember;
export type CohortMember = ReadyMember | ReportedMember | DroppedMember;
export type RoundMember = InvitedMember | CohortMember;

export interface PhaseMark {
  readonly phase: RoundPhase;
  readonly at: Instant;
}

interface RoundCommon {
  readonly roundNumber: number;
  readonly plan: RoundPlan;
  /** Seeds cohort sampling of this round. */
  readonly seed: string;
  /** The model that this round starts from. */
  readonly modelHash: BlobHash;
  readonly openedAt: Instant;
  /** When it entered each phase so far, `selecting` first. A phase that took no time of its own is left out. */
  readonly timeline: readonly PhaseMark[];
}

/** Candidates gather. The clock runs only while at least `minimumSurvivors` are present. */
export interface SelectingRound extends RoundCommon {
  readonly phase: 'selecting';
  readonly candidates: readonly ClientId[];
  readonly closesAt: Instant | null;
}

/** The invited train. Closes at the report goal, when nobody is left to wait for, or at the deadline. */
export interface TrainingRound extends RoundCommon {
  readonly phase: 'training';
  readonly invited: readonly InvitedMember[];
  readonly closesAt: Instant;
}

/** The cohort is fixed and waits until its roster is on disk; nobody may upload before. */
export interface CohortClosedRound extends RoundCommon {
  readonly phase: 'cohortClosed';
  /** The invited who did not make it into the cohort, and why. */
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
}

/** The cohort uploads. Closes when nobody is left to wait for, or at the deadline. */
export interface ReportingRound extends RoundCommon {
  readonly phase: 'reporting';
  /** The invited who did not make it into the cohort, and why. */
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
  readonly closesAt: Instant;
}

/** Survivors are fixed; the sum and the next model are being computed. */
export interface AggregatingRound extends RoundCommon {
  readonly phase: 'aggregating';
  /** The invited who did not make it into the cohort, and why. */
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
}

export interface CommittedRound extends RoundCommon {
  readonly phase: 'committed';
  /** The invited who did not make it into the cohort, and why. */
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
  readonly nextModelHash: BlobHash;
  readonly closedAt: Instant;
}

export interface AbandonedRound extends RoundCommon {
  readonly phase: 'abandoned';
  readonly reason: AbandonReason;
  /** Everybody who was invited, as they stood when the round was given up. */
  readonly members: readonly RoundMember[];
  readonly closedAt: Instant;
}

export type RoundState =
  | SelectingRound
  | TrainingRound
  | CohortClosedRound
  | ReportingRound
  | AggregatingRound
  | CommittedRound
  | AbandonedRound;

/** A member whose update is in the sum. */
export interface Survivor {
  readonly clientId: ClientId;
  readonly updateHash: BlobHash;
  readonly exampleCount: number;
}
