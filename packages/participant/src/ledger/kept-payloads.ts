/**
 * How much of what was sent stays on the device: the newest control messages, and the newest uploads up to so many
 * bytes. The newest upload always stays. Alike payloads are kept once.
 */
import type { LedgerEntry } from './ledger-entry.ts';

export interface KeepBounds {
  readonly messages: number;
  readonly uploadBytes: number;
}

export const KEEP_BOUNDS: KeepBounds = { messages: 2000, uploadBytes: 64_000_000 };

export type Shelf = 'messages' | 'uploads';

export interface KeptPayload {
  readonly sha256: string;
  readonly shelf: Shelf;
  /** The newest entry that it belongs to. */
  readonly number: number;
  readonly size: number;
  readonly payload: Uint8Array;
}

export function keptPayloadOf(
  { sha256, kind, number }: Pick<LedgerEntry, 'sha256' | 'kind' | 'number'>,
  payload: Uint8Array,
): KeptPayload {
  return { sha256, shelf: kind === 'upload' ? 'uploads' : 'messages', number, size: payload.length, payload };
}

/** What of one shelf is beyond the bounds. @param newestFirst as much as is known without reading the payloads */
export function payloadsToForget<Kept extends { readonly size: number }>(
  shelf: Shelf,
  newestFirst: readonly Kept[],
  { messages, uploadBytes }: KeepBounds,
): readonly Kept[] {
  if (shelf === 'messages') return newestFirst.slice(messages);
  let size = 0;
  return newestFirst.filter((upload, index) => {
    size += upload.size;
    return index > 0 && size > uploadBytes;
  });
}
