/** Which content a slot must have to be of use. */
import type { UpdateFate } from '@tributary/fl-core';
import type { StoredCheckpoint, StoredMemory } from '../ports/participant-storage.ts';

export function isOfRound(slot: { readonly roundNumber: number } | undefined, roundNumber: number): boolean {
  return slot?.roundNumber === roundNumber;
}

export function isSameCheckpoint(
  stored: StoredCheckpoint,
  key: Omit<StoredCheckpoint, 'checkpoint'>,
): boolean {
  return stored.roundNumber === key.roundNumber && stored.modelHash === key.modelHash;
}

/** What is left of a memory when it is known, or not, what became of the update of this round; null: nothing. */
export function settledMemory(
  memory: StoredMemory,
  { roundNumber, fate }: { readonly roundNumber: number; readonly fate: UpdateFate },
): StoredMemory | null {
  const { settled, pending } = memory;
  if (pending?.roundNumber !== roundNumber) return memory;
  switch (fate) {
    case 'counted':
      return { settled: pending, pending: null };
    case 'unused':
      return settled && { settled, pending: null };
    case 'unknown':
      return null;
  }
}
