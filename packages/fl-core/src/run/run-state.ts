/** A run: the population that is present now, the round in progress, and how far the model has come. */
import type { BlobHash, ClientId, Instant, RunId } from '../identifiers.ts';
import type { RoundEffect, RoundEvent } from '../round/round-events.ts';
import type { RoundState } from '../round/round-state.ts';
import type { RoundPlan } from '../task/round-plan.ts';
import type { SecureAggregationPlan } from '../task/secure-aggregation-plan.ts';
import type { SumFacts } from '../update/sum-facts.ts';
import type { Tuning } from '../update/tuning.ts';

export type RunStatus = 'running' | 'pausing' | 'paused' | 'completed' | 'stopped';

export interface RunState {
  readonly runId: RunId;
  readonly seed: string;
  readonly plan: RoundPlan;
  readonly status: RunStatus;
  /** States of runs that were stored before this was do not say it: then the number of rounds tells. */
  readonly wasLaunched: boolean;
  readonly modelHash: BlobHash;
  /** Of the manifest. States of runs that were stored before there was another one do not say it: then it is off. */
  readonly secureAggregation: SecureAggregationPlan;
  /** Head of the log of the models that rounds started from (`modelLogHead`). Older states begin one. */
  readonly modelLog: BlobHash;
  /** Of the encoding of the next round; null where the manifest fixes it. Older states do not say it: then it is null. */
  readonly tuning: Tuning | null;
  /** Rounds that produced a model. */
  readonly committedRounds: number;
  /** Rounds opened so far, abandoned ones included; also the number of the round in progress. */
  readonly roundNumber: number;
  /** Checked in and connected, in order of arrival. */
  readonly present: readonly ClientId[];
  /**
   * Present, and not candidates until they check in again: they withdrew from a round or let its deadline pass, or
   * what let them in was taken back. What kept them from finishing may still be so, and rounds that they make fail would follow each other without
   * a pause.
   */
  readonly resting: readonly ClientId[];
  /** Null only while paused, completed or stopped. */
  readonly round: RoundState | null;
}

export type RunEvent =
  | RoundEvent
  | { readonly type: 'pauseRequested'; readonly at: Instant }
  | { readonly type: 'resumeRequested'; readonly at: Instant }
  | { readonly type: 'stopRequested'; readonly at: Instant }
  /** What let this client in was taken back: it may finish the round it is in, and begins no other. */
  | { readonly type: 'clientBarred'; readonly at: Instant; readonly clientId: ClientId }
  /** Go on from the model that an earlier round left; the runner has looked up which that is. */
  | {
      readonly type: 'rollBackRequested';
      readonly at: Instant;
      /** The committed round to go back to; 0 is the first model. */
      readonly toRound: number;
      readonly modelHash: BlobHash;
      /** Committed rounds up to that one. */
      readonly committedRounds: number;
      /** What was seen of the sum of that round; absent where there was none. */
      readonly sum?: SumFacts;
    };

export type RunEffect =
  | RoundEffect
  /**
   * In one transaction with the state: a finished round's record, and (when committed) the new model. Comes
   * instead of `persist` at the end of a round.
   */
  | { readonly type: 'recordRound'; readonly round: RoundState }
  /** In one transaction with the state: rounds after this one are superseded, and the optimiser is as it was then. */
  | { readonly type: 'recordRollBack'; readonly toRound: number }
  /** Measure this model on the public validation set, if the task has one. Nothing waits for the answer. */
  | { readonly type: 'evaluate'; readonly roundNumber: number; readonly modelHash: BlobHash }
  | { readonly type: 'runEnded'; readonly status: 'completed' | 'stopped' };

export interface RunStep {
  readonly state: RunState;
  readonly effects: readonly RunEffect[];
}
