/** What can happen to a round, and what a round may ask its runner to do. */

import type { ErrorCode } from '../errors.ts';
import type { BlobHash, ClientId, Instant } from '../identifiers.ts';
import type { SumFacts } from '../update/sum-facts.ts';
import type { CoordinatorMessage } from '../wire/coordinator-messages.ts';
import type { Announcement, RoundState, Survivor, UpdateAnnouncement } from './round-state.ts';

export type RoundEvent =
  /** A client is present: new, or back after its connection broke. */
  | { readonly type: 'clientCheckedIn'; readonly at: Instant; readonly clientId: ClientId }
  | { readonly type: 'clientDisconnected'; readonly at: Instant; readonly clientId: ClientId }
  | { readonly type: 'clientLeft'; readonly at: Instant; readonly clientId: ClientId }
  /** A member cannot finish this round, and stays for later ones. */
  | {
      readonly type: 'clientWithdrew';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
    }
  | {
      readonly type: 'trainingFinished';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
      readonly announcement: Announcement;
    }
  /** With secure aggregation, instead of `trainingFinished`. */
  | {
      readonly type: 'keysOffered';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
      /** Checked by the runner: 192 bytes as lower-case hex digits, beginning with the identity key. */
      readonly offer: string;
    }
  /** Answers to `persistRoster`. */
  | {
      readonly type: 'rosterPersisted';
      readonly at: Instant;
      readonly roundNumber: number;
      /** With secure aggregation: 32 bytes as lower-case hex digits, drawn after the roster was durable. Null without. */
      readonly beacon: string | null;
    }
  /** No neighbourhood and threshold fit so many members, or their keys are no roster. */
  | { readonly type: 'rosterRefused'; readonly at: Instant; readonly roundNumber: number }
  /** The member's sealed shares are durable with the runner, which keeps the first and refuses others. */
  | {
      readonly type: 'sharesSealed';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
    }
  | {
      readonly type: 'updateMasked';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
      readonly announcement: UpdateAnnouncement;
    }
  | {
      readonly type: 'survivorsConfirmed';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
      /** A signature that the runner checked, 64 bytes as lower-case hex digits. */
      readonly confirmation: string;
    }
  /** The runner has this member's shares in memory, and compared them with their dealers' commitments. */
  | {
      readonly type: 'sharesRevealed';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
      /** Whether every secret that the sum needs can be rebuilt now. */
      readonly isEnough: boolean;
    }
  /** What the member sent in a stage of the secure sum is wrong: it is not waited for any more. */
  | {
      readonly type: 'secureSumRefused';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
    }
  /** A checked update of this member is durable in the blob store. */
  | {
      readonly type: 'updateReceived';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
      readonly updateHash: BlobHash;
    }
  /** The member's update did not pass the door. */
  | {
      readonly type: 'updateRefused';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly clientId: ClientId;
    }
  /** Answers to `aggregate`. */
  | {
      readonly type: 'aggregated';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly modelHash: BlobHash;
      /** In a run that tunes its step. */
      readonly sum?: SumFacts;
    }
  /** The sum is not used: its step was too small or too large. */
  | {
      readonly type: 'sumUnusable';
      readonly at: Instant;
      readonly roundNumber: number;
      readonly sum: SumFacts;
    }
  | { readonly type: 'aggregationFailed'; readonly at: Instant; readonly roundNumber: number }
  | { readonly type: 'timeAdvanced'; readonly at: Instant }
  /** The process starts again from a stored state: every connection is gone, effects may not have happened. */
  | { readonly type: 'restarted'; readonly at: Instant }
  | { readonly type: 'stopped'; readonly at: Instant };

export type RoundEffect =
  | { readonly type: 'send'; readonly to: ClientId; readonly message: RoundMessage }
  | { readonly type: 'wakeAt'; readonly at: Instant }
  /** Make the state durable before any later effect of this step is performed. */
  | { readonly type: 'persist' }
  /** Make the closed cohort durable, then answer `rosterPersisted`. */
  | { readonly type: 'persistRoster'; readonly roundNumber: number }
  /** Sum these updates, apply the server optimiser, store the model, then answer `aggregated` or `sumUnusable`. */
  | { readonly type: 'aggregate'; readonly roundNumber: number; readonly survivors: readonly Survivor[] }
  /** The event was not taken and nothing changed; whoever caused it is told so. */
  | {
      readonly type: 'refuse';
      readonly to: ClientId;
      readonly code: ErrorCode;
      readonly message: string;
    };

/**
 * A coordinator message without what only the runner has: tickets are signed with a secret, and the bytes of the secure
 * sum are put together from what it keeps. The same message is always completed with the same bytes.
 */
export type RoundMessage =
  | Exclude<CoordinatorMessage, { type: keyof ByRunner }>
  | (WithoutRunnersPart<'uploadGranted'> & { readonly announcement: UpdateAnnouncement })
  | WithoutRunnersPart<Exclude<keyof ByRunner, 'uploadGranted'>>;

interface ByRunner {
  readonly uploadGranted: 'uploadTicket';
  readonly rosterClosed: 'beacon' | 'bytes';
  readonly sharesDelivered: 'sharers' | 'bytes';
  readonly survivorsClosed: 'sharers' | 'survivors';
  readonly unmaskRequested: 'bytes';
}
type WithoutRunnersPart<Type extends keyof ByRunner> = {
  [T in Type]: Omit<Extract<CoordinatorMessage, { type: T }>, ByRunner[T]>;
}[Type];

export interface RoundStep {
  readonly state: RoundState;
  readonly effects: readonly RoundEffect[];
}
