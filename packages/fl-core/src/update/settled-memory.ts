/** Whether what a code lost comes with the next update follows from what became of its own. */
import type { CodecMemory } from '@tributary/compression';
import type { UpdateFate } from '../participation/participation-state.ts';

/**
 * What the codes of a run lost on one device. `pending` belongs to an update of which nobody has said yet whether it counts.
 * It says as much of the examples as an update does, and never leaves the device.
 */
export interface KeptMemory {
  readonly settled: CodecMemory | null;
  readonly pending: CodecMemory | null;
}

/** What is left when it is known, or not, what became of the update of this round; null: nothing. */
export function settledMemory(
  memory: KeptMemory,
  { roundNumber, fate }: { readonly roundNumber: number; readonly fate: UpdateFate },
): KeptMemory | null {
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
