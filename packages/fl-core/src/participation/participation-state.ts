/**
 * One tab's part in a run, as a state machine. Plain JSON: a reload loads it, tells it `restarted`, and goes on.
 */
import type { ErrorCode } from '../errors.ts';
import type { BlobHash, ClientId, Instant, RunId } from '../identifiers.ts';
import type { AbandonReason, Announcement, UpdateAnnouncement } from '../round/round-state.ts';
import type { TaskManifest } from '../task/manifest.ts';
import type { SumEncoding } from '../update/sum-encoding.ts';
import type { ClientMessage, LeaveReason } from '../wire/client-messages.ts';
import type { CoordinatorMessage } from '../wire/coordinator-messages.ts';

/** What the person asked for; `idle` until Start is pressed. */
export type ParticipationActivity =
  | { readonly phase: 'idle' }
  /** Not connected, or connected and not yet admitted. */
  | { readonly phase: 'checkingIn' }
  | {
      readonly phase: 'waiting';
      readonly comeBackAt: Instant | null;
      readonly reason: Exclude<WaitingReason, 'secure-sum-refused'>;
    }
  /** This device's own rules refused what the coordinator asked for in the secure sum. */
  | {
      readonly phase: 'waiting';
      readonly comeBackAt: Instant | null;
      readonly reason: 'secure-sum-refused';
      readonly code: ErrorCode;
    }
  | {
      readonly phase: 'downloading';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      readonly attempts: number;
      /** When a failed download is tried again; null while one is under way. */
      readonly retryAt: Instant | null;
      readonly deadline: Instant;
    }
  | {
      readonly phase: 'training';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      readonly deadline: Instant;
    }
  | {
      readonly phase: 'ready';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      readonly announcement: Announcement;
      readonly deadline: Instant;
    }
  /** With secure aggregation, instead of `ready`: keys are made and offered; the cohort has not closed. */
  | {
      readonly phase: 'offering';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      readonly deadline: Instant;
    }
  /** Secrets are shared with the neighbours, sealed; their shares are awaited. */
  | {
      readonly phase: 'sharing';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      readonly deadline: Instant;
    }
  /** The update is masked and announced. */
  | {
      readonly phase: 'masking';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      /** Null while it is being masked. */
      readonly announcement: UpdateAnnouncement | null;
      readonly deadline: Instant;
    }
  | {
      readonly phase: 'uploading';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      readonly announcement: UpdateAnnouncement;
      readonly uploadTicket: string;
      readonly attempts: number;
      readonly retryAt: Instant | null;
      readonly deadline: Instant;
    }
  /** The update is acknowledged; the round's outcome is awaited. */
  | { readonly phase: 'reported'; readonly roundNumber: number; readonly modelHash: BlobHash }
  /** With secure aggregation, after `reported`: who shared and who survived is signed. */
  | {
      readonly phase: 'confirming';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      readonly deadline: Instant;
    }
  /** Shares of the neighbours' secrets are revealed; the round's outcome is awaited. */
  | {
      readonly phase: 'revealing';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      readonly deadline: Instant;
    }
  | { readonly phase: 'ended'; readonly status: 'completed' | 'stopped'; readonly modelHash: BlobHash }
  | { readonly phase: 'refused'; readonly code: ErrorCode; readonly message: string }
  | { readonly phase: 'left'; readonly reason: LeaveReason };

export type WaitingReason =
  | 'admitted'
  | 'round-in-progress'
  | 'waiting-for-others'
  | 'not-selected'
  | 'run-paused'
  | 'cohort-full'
  | 'deadline-passed'
  | 'away-too-long'
  | 'update-refused'
  | 'left'
  | 'round-over'
  | 'round-committed'
  | 'download-failed'
  | 'upload-failed'
  | 'update-lost'
  | 'training-failed'
  | 'secure-sum-lost'
  | 'secure-sum-refused'
  | 'secure-sum-faulty'
  | 'encoding-refused'
  | AbandonReason;

export interface ParticipationState {
  readonly runId: RunId | null;
  readonly clientId: ClientId | null;
  readonly manifest: TaskManifest | null;
  readonly connected: boolean;
  readonly activity: ParticipationActivity;
  /** What this device was told last about the run's models; null before, and in states of earlier releases. */
  readonly modelLog: { readonly roundNumber: number; readonly head: BlobHash } | null;
  /** Of the last invitation; null where the manifest fixes all of it, and in states of earlier releases. */
  readonly encoding: SumEncoding | null;
  /** Rounds in which an update of this tab was accepted. */
  readonly contributions: number;
}

export type ParticipationEvent =
  | { readonly type: 'started'; readonly at: Instant }
  /** A connection is open and its challenge is here. */
  | { readonly type: 'connected'; readonly at: Instant }
  | { readonly type: 'disconnected'; readonly at: Instant }
  | { readonly type: 'messageReceived'; readonly at: Instant; readonly message: CoordinatorMessage }
  /** Answers to `download`, `train` and `upload`. */
  | { readonly type: 'modelDownloaded'; readonly at: Instant; readonly modelHash: BlobHash }
  | { readonly type: 'downloadFailed'; readonly at: Instant; readonly modelHash: BlobHash }
  | {
      readonly type: 'trainingFinished';
      readonly at: Instant;
      readonly roundNumber: number;
      /** Null with secure aggregation: the model delta is stored, and nothing is said of it. */
      readonly announcement: Announcement | null;
    }
  /** Answers to `offerKeys`, `shareSecrets`, `maskUpdate`, `confirmSurvivors` and `revealShares`, in this order. */
  | {
      readonly type: 'keysOffered';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly type: 'secretsShared';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly type: 'updateMasked';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly announcement: UpdateAnnouncement;
    }
  | {
      readonly type: 'survivorsConfirmed';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly signature: Uint8Array;
    }
  | {
      readonly type: 'sharesRevealed';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly bytes: Uint8Array;
    }
  /** The session refused, or failed: nothing more of it will come. */
  | {
      readonly type: 'secureSumFailed';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly code: ErrorCode;
    }
  | {
      readonly type: 'trainingFailed';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly code: ErrorCode;
    }
  | { readonly type: 'uploadFinished'; readonly at: Instant; readonly roundNumber: number }
  | {
      readonly type: 'uploadFailed';
      readonly at: Instant;
      readonly roundNumber: number;
      /** Whether the coordinator refused it for good; otherwise it is tried again. */
      readonly refused: boolean;
    }
  /** The update that was to be uploaded is no longer on this device. */
  | { readonly type: 'updateLost'; readonly at: Instant; readonly roundNumber: number }
  | { readonly type: 'timeAdvanced'; readonly at: Instant }
  /** The tab was reloaded or crashed: whatever ran is gone, what was stored remains. */
  | { readonly type: 'restarted'; readonly at: Instant }
  | { readonly type: 'leaveRequested'; readonly at: Instant; readonly reason: LeaveReason };

export type ParticipationEffect =
  | { readonly type: 'connect' }
  | { readonly type: 'disconnect' }
  /** The runner adds ticket, signature and capabilities. */
  | { readonly type: 'checkIn' }
  | { readonly type: 'send'; readonly message: Exclude<ClientMessage, { type: 'checkIn' }> }
  | { readonly type: 'persist' }
  | { readonly type: 'wakeAt'; readonly at: Instant }
  | { readonly type: 'download'; readonly modelHash: BlobHash }
  /** Train from the downloaded model (from the stored checkpoint of this round, if any), store the update. */
  | { readonly type: 'train'; readonly roundNumber: number; readonly modelHash: BlobHash }
  | { readonly type: 'stopTraining' }
  /**
   * The steps of the secure sum. The runner holds one session for a round, opened by `offerKeys` and in memory only; asked
   * again with the same message, it answers with the same bytes.
   */
  | {
      readonly type: 'offerKeys';
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      readonly modelLog: BlobHash;
    }
  | { readonly type: 'shareSecrets'; readonly message: Message<'rosterClosed'> }
  /** Open the shares; quantise the stored model delta, mask it, store the masked frame for good; drop the model delta. */
  | { readonly type: 'maskUpdate'; readonly message: Message<'sharesDelivered'> }
  | { readonly type: 'confirmSurvivors'; readonly message: Message<'survivorsClosed'> }
  | { readonly type: 'revealShares'; readonly message: Message<'unmaskRequested'> }
  | {
      readonly type: 'upload';
      readonly roundNumber: number;
      readonly uploadTicket: string;
      readonly updateHash: BlobHash;
    }
  /**
   * Model, checkpoint, stored update and secure sum of this round are no longer needed: its secrets are erased. What its
   * code lost is kept for the next update only if this one counts.
   */
  | { readonly type: 'forgetRound'; readonly roundNumber: number; readonly fate: UpdateFate }
  /** The part in the run is over: what was kept from round to round is erased. */
  | { readonly type: 'forgetRun' };

/** What became of an update. `unknown`: it may have arrived, and nobody said whether it counts. */
export type UpdateFate = 'counted' | 'unused' | 'unknown';

type Message<Type extends CoordinatorMessage['type']> = Extract<CoordinatorMessage, { type: Type }>;

export interface ParticipationStep {
  readonly state: ParticipationState;
  readonly effects: readonly ParticipationEffect[];
}
