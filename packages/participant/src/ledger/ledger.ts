/** Writes down what leaves, before it leaves: in memory at once, on the device in order. */
import { blobHashOf, type RunId, type Sha256 } from '@tributary/fl-core';
import type { Clock } from '../ports/clock.ts';
import type { ParticipantStorage } from '../ports/participant-storage.ts';
import type { LedgerEntry, LedgerKind } from './ledger-entry.ts';

export interface Departure {
  readonly kind: LedgerKind;
  readonly label: string;
  readonly payload: Uint8Array;
  readonly roundNumber: number | null;
}

export interface Ledger {
  /** Call it before the payload goes. */
  record(departure: Departure): void;
  /** Resolves when all that was recorded is stored. */
  stored(): Promise<void>;
}

export interface LedgerOptions {
  readonly runId: RunId | null;
  readonly storage: ParticipantStorage;
  readonly clock: Clock;
  readonly sha256: Sha256;
  readonly onEntry?: (entry: LedgerEntry) => void;
  readonly onFault?: (error: unknown) => void;
}

export function createLedger({ runId, storage, clock, sha256, onEntry, onFault }: LedgerOptions): Ledger {
  let writing: Promise<void> = Promise.resolve();
  return {
    record({ payload, ...departure }) {
      const entry: LedgerEntry = {
        at: clock.now(),
        runId,
        ...departure,
        bytes: payload.length,
        sha256: blobHashOf(payload, sha256),
      };
      writing = writing.then(() => storage.appendToLedger([entry])).catch((error) => onFault?.(error));
      onEntry?.(entry);
    },
    stored: () => writing,
  };
}
