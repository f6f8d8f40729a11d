import {
  type BlobHash,
  decodeFrame,
  type ParameterSet,
  parameterShapes,
  plainSha256,
  type RunId,
  type TaskManifest,
} from '@tributary/fl-core';
import { createLedger } from '../ledger/ledger.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import { systemClock } from '../ports/clock.ts';
import type { ParticipantStorage } from '../ports/participant-storage.ts';
import { downloadModel } from './bulk-transfer.ts';

export interface SharedModelRequest {
  readonly coordinatorUrl: string;
  readonly runId: RunId;
  readonly manifest: Pick<TaskManifest, 'model'>;
  /** `fetchJoinInfo` tells the newest. */
  readonly modelHash: BlobHash;
  /** Has the model when a round of this device works with it; and keeps the ledger. */
  readonly storage: ParticipantStorage;
  readonly onLedgerEntry?: (entry: LedgerEntry) => void;
  readonly signal: AbortSignal;
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * A shared model to look at, outside any round. Sends a request for it, unless it is on this device.
 * @throws TributaryError `blob-corrupt`, `ledger-unwritable`, or `internal` when the coordinator cannot be reached
 */
export async function fetchSharedModel(request: SharedModelRequest): Promise<ParameterSet> {
  const { coordinatorUrl, runId, manifest, modelHash, storage, signal } = request;
  const sha256 = plainSha256;
  const decode = (frame: Uint8Array) =>
    decodeFrame(frame, { sha256, expectedShapes: parameterShapes(manifest.model) });
  const stored = await storage.loadModel(runId, modelHash);
  if (stored) return decode(stored.frame);
  const ledger = createLedger({
    ...{ runId, storage, clock: systemClock, sha256 },
    ...(request.onLedgerEntry && { onEntry: request.onLedgerEntry }),
  });
  const payload = new Uint8Array();
  await ledger.record({ kind: 'request', subject: 'model-request', payload, roundNumber: null });
  const fetch = request.fetch ?? globalThis.fetch.bind(globalThis);
  return decode(await downloadModel(modelHash, { coordinatorUrl, fetch, sha256, signal }));
}
