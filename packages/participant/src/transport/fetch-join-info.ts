import { JOIN_PATH, type JoinInfo, joinInfoSchema, TributaryError } from '@tributary/fl-core';
import { createLedger } from '../ledger/ledger.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import { systemClock } from '../ports/clock.ts';
import type { ParticipantStorage } from '../ports/participant-storage.ts';
import { problemOf } from './problem.ts';
import { reaching } from './reaching.ts';

export interface JoinInfoRequest {
  readonly coordinatorUrl: string;
  /** The admission ticket, from the fragment of the join link. */
  readonly ticket: string;
  /** Where the ledger is kept; this request goes into it, too. */
  readonly storage: ParticipantStorage;
  readonly onLedgerEntry?: (entry: LedgerEntry) => void;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Asks what a run is, before anything is consented to. Sends the ticket and nothing else.
 * @throws TributaryError `ticket-invalid`, `ticket-expired`, `message-malformed`, or `internal` when the coordinator
 * cannot be reached
 */
export async function fetchJoinInfo(request: JoinInfoRequest): Promise<JoinInfo> {
  const { coordinatorUrl, ticket, storage, signal, fetch = globalThis.fetch } = request;
  const ledger = createLedger({
    ...{ runId: null, storage, clock: systemClock },
    ...(request.onLedgerEntry && { onEntry: request.onLedgerEntry }),
  });
  const payload = new Uint8Array();
  await ledger.record({ kind: 'request', subject: 'run-question', payload, roundNumber: null });
  return reaching(async () => {
    const response = await fetch(new URL(JOIN_PATH, coordinatorUrl), {
      headers: { authorization: `Bearer ${ticket}` },
      ...(signal && { signal }),
    });
    if (!response.ok) throw await problemOf(response);
    const parsed = joinInfoSchema.safeParse(await response.json());
    if (!parsed.success)
      throw new TributaryError('message-malformed', 'the answer to the join request is not understood');
    return parsed.data;
  }, signal);
}
