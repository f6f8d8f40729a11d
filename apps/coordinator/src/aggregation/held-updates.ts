/** Updates that passed the check and wait for the rules of their round, in buffers that are used again and again. */
import type { CheckedUpdate, Survivor } from '@tributary/fl-core';
import type { SumName } from './questions.ts';

export interface HeldUpdates {
  /** A buffer to read an update into; give it back by `release`, or hold what was decoded from it. */
  buffer(bytes: number): Uint8Array;
  release(buffer: Uint8Array): void;
  hold(sum: SumName, survivor: Survivor, held: { update: CheckedUpdate; buffer: Uint8Array }): void;
  /** Takes it out; its buffer is used again after the next `buffer`. */
  take(sum: SumName, survivor: Survivor): CheckedUpdate | null;
  dropAllOf(sum: SumName): void;
}

/** Spare buffers: what is in use at once varies by about so many. */
const MAXIMUM_SPARE = 2;

export function openHeldUpdates(): HeldUpdates {
  const held = new Map<string, { update: CheckedUpdate; buffer: Uint8Array }>();
  const spare: Uint8Array[] = [];
  const release = (buffer: Uint8Array): void => {
    if (spare.length < MAXIMUM_SPARE) spare.push(buffer);
  };
  const take = (key: string): CheckedUpdate | null => {
    const entry = held.get(key);
    if (!entry) return null;
    held.delete(key);
    release(entry.buffer);
    return entry.update;
  };
  return {
    buffer(bytes) {
      const index = spare.findIndex((candidate) => candidate.length === bytes);
      return index < 0 ? new Uint8Array(bytes) : spare.splice(index, 1)[0]!;
    },
    release,
    hold(sum, survivor, entry) {
      take(keyOf(sum, survivor));
      held.set(keyOf(sum, survivor), entry);
    },
    take: (sum, survivor) => take(keyOf(sum, survivor)),
    dropAllOf(sum) {
      for (const key of [...held.keys()]) if (key.startsWith(`${nameOf(sum)}/`)) take(key);
    },
  };
}

export const nameOf = ({ runId, roundNumber }: SumName): string => `${runId}/${roundNumber}`;
const keyOf = (sum: SumName, { clientId, updateHash }: Survivor): string =>
  `${nameOf(sum)}/${clientId}/${updateHash}`;
