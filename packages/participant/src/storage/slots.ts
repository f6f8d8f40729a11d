/** Which content a slot must have to be of use. */
import type { StoredCheckpoint } from '../ports/participant-storage.ts';

export function isOfRound(slot: { readonly roundNumber: number } | undefined, roundNumber: number): boolean {
  return slot?.roundNumber === roundNumber;
}

export function isSameCheckpoint(
  stored: StoredCheckpoint,
  key: Omit<StoredCheckpoint, 'checkpoint'>,
): boolean {
  return stored.roundNumber === key.roundNumber && stored.modelHash === key.modelHash;
}
