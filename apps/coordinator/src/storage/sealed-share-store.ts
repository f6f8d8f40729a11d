/**
 * The port to the sealed shares of the round in progress: ciphertext for other members' eyes, kept so that a round goes
 * on after a restart. What members reveal later is never stored.
 */
import type { ClientId, RunId } from '@tributary/fl-core';

export interface SealedShareStore {
  /**
   * Resolves when they would survive a power cut. Of one member and round the first ones stay.
   * @returns whether these are the ones that are kept
   */
  keep(
    dealer: { readonly runId: RunId; readonly roundNumber: number; readonly clientId: ClientId },
    bytes: Uint8Array,
  ): Promise<boolean>;
  ofRound(runId: RunId, roundNumber: number): Promise<ReadonlyMap<ClientId, Uint8Array>>;
  /** Deletes those of all rounds of the run but this one; of all if it is null. */
  deleteAllBut(runId: RunId, roundNumber: number | null): Promise<void>;
}
