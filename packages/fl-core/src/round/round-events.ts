/** What can happen to a round, and what a round may ask its runner to do. */

import type { ErrorCode } from '../errors.ts';
import type { BlobHash, ClientId, Instant } from '../identifiers.ts';
import type { CoordinatorMessage } from '../wire/coordinator-messages.ts';
import type { Announcement, RoundState, Survivor } from './round-state.ts';

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
  /** Answer to `persistRoster`. */
  | { readonly type: 'rosterPersisted'; readonly at: Instant; readonly roundNumber: number }
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
  /** Sum these updates, apply the server optimiser, store the model, then answer `aggregated`. */
  | { readonly type: 'aggregate'; readonly roundNumber: number; readonly survivors: readonly Survivor[] }
  /** The event was not taken and nothing changed; whoever caused it is told so. */
  | {
      readonly type: 'refuse';
      readonly to: ClientId;
      readonly code: ErrorCode;
      readonly message: string;
    };

/**
 * A coordinator message, except that `uploadGranted` has no ticket yet: tickets are signed with a secret, and
 * secrets live in the runner.
 */
export type RoundMessage =
  | Exclude<CoordinatorMessage, { type: 'uploadGranted' }>
  | (Omit<Extract<CoordinatorMessage, { type: 'uploadGranted' }>, 'uploadTicket'> & {
      readonly announcement: Announcement;
    });

export interface RoundStep {
  readonly state: RoundState;
  readonly effects: readonly RoundEffect[];
}
