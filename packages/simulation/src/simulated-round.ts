import type { BlobHash } from '@tributary/fl-core';

/** One round that came to an end. */
export interface SimulatedRound {
  readonly roundNumber: number;
  /** Rounds committed so far. */
  readonly committedRounds: number;
  readonly outcome: 'committed' | 'abandoned';
  readonly invited: number;
  readonly survivors: number;
  /** Of the model that it left; null when abandoned. */
  readonly modelHash: BlobHash | null;
  /** Of the new model on the validation set; null when abandoned or not measured in this round. */
  readonly accuracy: number | null;
  readonly loss: number | null;
  readonly virtualSeconds: number;
}
