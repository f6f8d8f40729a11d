import type { CodecMemory } from '@tributary/compression';
import { writeFrame } from '../hashing.ts';
import type { LocalUpdate } from './local-update.ts';
import type { RingRound } from './ring-update.ts';

/** What an update's code is made from beside the update itself. */
export type CodingRound = RingRound;

export interface CodedFrame {
  readonly frame: Uint8Array;
  /** What this code leaves behind, should it count; null without error feedback. */
  readonly pending: CodecMemory | null;
}

/** The frame of an update that the coordinator may see by itself. */
export async function clearFrame(update: LocalUpdate, round: CodingRound): Promise<CodedFrame> {
  if (round.manifest.compression.codec === 'float32') {
    return { frame: await writeFrame(update.modelDelta), pending: null };
  }
  // Few runs need it.
  const { ringFrame, ringUpdate } = await import('./ring-update.ts');
  const { update: vectors, pending } = await ringUpdate(update, round);
  return { frame: ringFrame(vectors, round), pending };
}
