/** Writes down what is about to leave. What cannot be written down does not leave. */
import { errorCodeOf, type RunId, TributaryError } from '@tributary/fl-core';
import { hashOf } from '../hashing.ts';
import type { Clock } from '../ports/clock.ts';
import type { ParticipantStorage } from '../ports/participant-storage.ts';
import type { LedgerEntry, LedgerKind, LedgerSubject } from './ledger-entry.ts';

export interface Departure {
  readonly kind: LedgerKind;
  readonly subject: LedgerSubject;
  readonly payload: Uint8Array;
  readonly roundNumber: number | null;
  readonly bits?: number;
}

export interface Ledger {
  /**
   * Resolves when it is stored: only then may the payload go.
   * @throws TributaryError `ledger-unwritable`
   */
  record(departure: Departure): Promise<void>;
  /** Resolves when all that was recorded is stored, or has failed to be. */
  stored(): Promise<void>;
}

export interface LedgerOptions {
  readonly runId: RunId | null;
  readonly storage: Pick<ParticipantStorage, 'appendToLedger' | 'replaceInLedger' | 'forgetPayloads'>;
  readonly clock: Clock;
  /** A keep-alive comes again under its number, with more `times`. */
  readonly onEntry?: (entry: LedgerEntry) => void;
  readonly onFault?: (error: unknown) => void;
}

/** Pieces of other people's secrets: their hash is listed, and they are not stored. */
const OF_OTHERS: LedgerSubject = 'revealed-shares';
/** Keep-alives of one hour are one entry. */
const KEEP_ALIVE_MS = 3_600_000;

export function createLedger({ runId, storage, clock, onEntry, onFault }: LedgerOptions): Ledger {
  let writing: Promise<unknown> = Promise.resolve();
  let keepAlive: LedgerEntry | null = null;

  async function write({ payload, ...departure }: Departure): Promise<LedgerEntry> {
    const at = clock.now();
    const hash = await hashOf(payload);
    if (departure.subject !== 'keep-alive') {
      const entry = { at, runId, ...departure, times: 1, bytes: payload.length, sha256: hash };
      return append(entry, payload);
    }
    if (keepAlive?.sha256 === hash && at - keepAlive.at < KEEP_ALIVE_MS) {
      const { times, bytes } = keepAlive;
      keepAlive = { ...keepAlive, times: times + 1, bytes: bytes + payload.length };
      await storage.replaceInLedger(keepAlive);
    } else {
      const entry = { at, runId, ...departure, times: 1, bytes: payload.length, sha256: hash };
      keepAlive = await append(entry, payload);
    }
    return keepAlive;
  }

  /** A full device rather forgets what it sent earlier than not to write down what it sends now. */
  async function append(entry: Omit<LedgerEntry, 'number'>, payload: Uint8Array): Promise<LedgerEntry> {
    try {
      return await storage.appendToLedger(entry, entry.subject === OF_OTHERS ? null : payload);
    } catch (error) {
      if (errorCodeOf(error) !== 'storage-full') throw error;
      await storage.forgetPayloads();
      return storage.appendToLedger(entry, null);
    }
  }

  return {
    record(departure) {
      const written = writing.then(() => write(departure));
      writing = written.then(onEntry, (error) => onFault?.(unwritable(error)));
      return written.then(
        () => {},
        (error) => {
          throw unwritable(error);
        },
      );
    },
    stored: async () => {
      await writing;
    },
  };
}

function unwritable(cause: unknown): TributaryError {
  return new TributaryError(
    'ledger-unwritable',
    'what was about to leave could not be written down on this device, so it stayed here',
    { cause },
  );
}
