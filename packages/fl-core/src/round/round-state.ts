/**
 * A round is one selection-to-outcome cycle. Its state is a union by phase: what a phase does not know yet, its
 * type does not have. Everything here is plain JSON, and holds hashes, never parameters.
 */
import type { BlobHash, ClientId, Instant } from '../identifiers.ts';
import type { RoundPlan } from '../task/round-plan.ts';
import type { SumEncoding } from '../update/sum-encoding.ts';
import type { SumFacts } from '../update/sum-facts.ts';
import type { ABANDON_REASONS } from '../wire/coordinator-messages.ts';
import type { RoundPhase } from './round-phase.ts';

export type AbandonReason = (typeof ABANDON_REASONS)[number];
/** Dropped by the coordinator, which says so. */
export type ReleaseReason =
  | 'away-too-long'
  | 'deadline-passed'
  | 'cohort-full'
  | 'update-refused'
  | 'secure-sum-faulty';
export type DropReason = 'left' | 'withdrew' | ReleaseReason;

/** The update that a member may upload, and no other. */
export interface UpdateAnnouncement {
  readonly updateHash: BlobHash;
  readonly updateBytes: number;
}
/** What a member announced when its training was done, where single updates are seen. */
export interface Announcement extends UpdateAnnouncement {
  readonly exampleCount: number;
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

/** In a round with secure aggregation. What its members shared and revealed is with the runner, never here. */
interface SecureMember extends MemberCommon {
  /** Public: identity, keys and signature of this session, 192 bytes as lower-case hex digits. */
  readonly offer: string;
}
/** Its keys are here, and its sealed shares are not. */
export interface OfferedMember extends SecureMember {
  readonly stage: 'offered';
}
/** Its sealed shares are here: it counts among the sharers unless it is dropped before they close. */
export interface SharedMember extends SecureMember {
  readonly stage: 'shared';
}
/** It announced its masked update and uploads it. */
export interface MaskedMember extends SecureMember {
  readonly stage: 'masked';
  readonly announcement: UpdateAnnouncement;
}
/** A survivor: its masked update is in the sum, whatever becomes of its owner. */
export type SecureSurvivor = SummedMember | ConfirmedMember | RevealedMember | SilentMember;
export interface SummedMember extends SecureMember {
  readonly stage: 'summed';
  readonly announcement: UpdateAnnouncement;
}
/** It signed who shared and who survived. */
export interface ConfirmedMember extends SecureMember {
  readonly stage: 'confirmed';
  readonly announcement: UpdateAnnouncement;
  /** Public: the signature, 64 bytes as lower-case hex digits. */
  readonly confirmation: string;
}
/** Its shares are with the runner. */
export interface RevealedMember extends SecureMember {
  readonly stage: 'revealed';
  readonly announcement: UpdateAnnouncement;
  readonly confirmation: string;
}
/** A survivor that is no longer waited for. */
export interface SilentMember extends SecureMember {
  readonly stage: 'silent';
  readonly announcement: UpdateAnnouncement;
  /** Null when it was lost before it signed. */
  readonly confirmation: string | null;
  readonly reason: DropReason;
}
export interface DroppedMember extends MemberCommon {
  readonly stage: 'dropped';
  readonly reason: DropReason;
  /** Of a member of a cohort with secure aggregation: its place in the roster stays. */
  readonly offer?: string;
}
export type InvitedMember = TrainingMember | ReadyMember | OfferedMember | DroppedMember;
export type CohortMember =
  | ReadyMember
  | ReportedMember
  | OfferedMember
  | SharedMember
  | MaskedMember
  | SecureSurvivor
  | DroppedMember;
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
  /** Head of the run's model log with this round's model in it, and without. */
  readonly modelLog: BlobHash;
  readonly previousModelLog: BlobHash;
  /** Longest wait in each stage of the secure sum; null in a round without. */
  readonly stageSeconds: number | null;
  /** With fewer there is no cohort. States that an earlier release stored do not say it: then it is `minimumSurvivors`. */
  readonly minimumCohort: number;
  /** Of the updates, where the run tunes it; null elsewhere. States that an earlier release stored do not say it. */
  readonly encoding: SumEncoding | null;
  /**
   * Where the encoding has a fraction: seconds from when uploads began until each had come; of a member that missed the
   * deadline, all that there were.
   */
  readonly uploadSeconds?: readonly number[];
  readonly openedAt: Instant;
  /** When it entered each phase so far, `selecting` first. A phase that took no time of its own is left out. */
  readonly timeline: readonly PhaseMark[];
}

/** Candidates gather. The clock runs only while at least `minimumCohort` are present. */
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

/**
 * What the members of a secure sum have been told, and what nothing changes afterwards: whoever was told something else
 * would refuse. Index = position in `cohort`, which is in the order of the offers.
 */
export interface SecureSumFacts {
  /** 32 bytes as lower-case hex digits, drawn once the roster was durable. */
  readonly beacon: string;
  /** Whose shares were delivered, from `reporting` on; null before. */
  readonly sharers: readonly ClientId[] | null;
  /** Whose masked updates are in the sum, from `confirming` on; null before. */
  readonly survivors: readonly ClientId[] | null;
}

/** With secure aggregation: members hear who is in the cohort, and send their sealed shares. */
export interface SharingRound extends RoundCommon {
  readonly phase: 'sharing';
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
  readonly secureSum: SecureSumFacts;
  readonly closesAt: Instant;
}

/** The cohort uploads. Closes when nobody is left to wait for, or at the deadline. */
export interface ReportingRound extends RoundCommon {
  readonly phase: 'reporting';
  /** The invited who did not make it into the cohort, and why. */
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
  /** Null in a round without secure aggregation. */
  readonly secureSum: SecureSumFacts | null;
  readonly closesAt: Instant;
}

/** With secure aggregation: survivors hear who shared and who survived, and sign it. */
export interface ConfirmingRound extends RoundCommon {
  readonly phase: 'confirming';
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
  readonly secureSum: SecureSumFacts;
  readonly closesAt: Instant;
}

/** With secure aggregation: those who signed reveal shares, until every secret that is needed can be rebuilt. */
export interface UnmaskingRound extends RoundCommon {
  readonly phase: 'unmasking';
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
  readonly secureSum: SecureSumFacts;
  readonly closesAt: Instant;
}

/** Survivors are fixed; the sum and the next model are being computed. */
export interface AggregatingRound extends RoundCommon {
  readonly phase: 'aggregating';
  /** The invited who did not make it into the cohort, and why. */
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
  /** Null in a round without secure aggregation. */
  readonly secureSum: SecureSumFacts | null;
}

export interface CommittedRound extends RoundCommon {
  readonly phase: 'committed';
  /** The invited who did not make it into the cohort, and why. */
  readonly droppedBefore: readonly DroppedMember[];
  readonly cohort: readonly CohortMember[];
  /** Null in a round without secure aggregation. */
  readonly secureSum: SecureSumFacts | null;
  readonly nextModelHash: BlobHash;
  /** What was seen of the sum, where the run tunes its step. */
  readonly sum: SumFacts | null;
  readonly closedAt: Instant;
}

export interface AbandonedRound extends RoundCommon {
  readonly phase: 'abandoned';
  readonly reason: AbandonReason;
  /** Everybody who was invited, as they stood when the round was given up. */
  readonly members: readonly RoundMember[];
  /** What was seen of a sum that was not used. */
  readonly sum: SumFacts | null;
  readonly closedAt: Instant;
}

export type RoundState =
  | SelectingRound
  | TrainingRound
  | CohortClosedRound
  | SharingRound
  | ReportingRound
  | ConfirmingRound
  | UnmaskingRound
  | AggregatingRound
  | CommittedRound
  | AbandonedRound;

/** A member whose update is in the sum. */
export interface Survivor {
  readonly clientId: ClientId;
  readonly updateHash: BlobHash;
  /** As announced; null where the update itself carries its weight, hidden in the sum. */
  readonly exampleCount: number | null;
}
