/** An update in the form in which the coordinator may see it by itself. What few runs need is loaded when one does. */
import type { CodecMemory } from '@tributary/compression';
import { isClearCode } from '@tributary/fl-core';
import { writeFrame } from '../hashing.ts';
import type { ClearRound } from './clear-code.ts';
import type { LocalUpdate } from './local-update.ts';

/** What an update's code is made from beside the update itself. */
export type CodingRound = ClearRound;

export interface CodedFrame {
  readonly frame: Uint8Array;
  /** What this code leaves behind, should it count; null without error feedback. */
  readonly pending: CodecMemory | null;
}

export async function clearFrame(update: LocalUpdate, round: CodingRound): Promise<CodedFrame> {
  const { compression } = round.manifest;
  if (compression.codec === 'float32') return { frame: await writeFrame(update.modelDelta), pending: null };
  if (isClearCode(compression)) {
    const { clearCode } = await import('./clear-code.ts');
    return clearCode(update, compression, round);
  }
  const { ringFrame, ringUpdate } = await import('./ring-update.ts');
  const { update: vectors, pending } = await ringUpdate(update, round);
  return { frame: ringFrame(vectors, round), pending };
}
