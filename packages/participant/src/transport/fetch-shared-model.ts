import {
  type BlobHash,
  type ParameterSet,
  parameterShapes,
  type RunId,
  type TaskManifest,
} from '@tributary/fl-core';
import { readFrame } from '../hashing.ts';
import { createLedger } from '../ledger/ledger.ts';
import type { LedgerEntry } from '../ledger/ledger-entry.ts';
import { systemClock } from '../ports/clock.ts';
import type { ParticipantStorage } from '../ports/participant-storage.ts';
import { openBaseModel } from '../round/base-model.ts';
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

/** As trainers are asked with it. */
export interface SharedModel {
  readonly parameters: ParameterSet;
  readonly frozen?: ParameterSet;
}

/**
 * A shared model to look at, outside any round. Sends a request for it, and for the base model of an adapted one, unless
 * they are on this device.
 * @throws TributaryError `blob-corrupt`, `ledger-unwritable`, or `internal` when the coordinator cannot be reached
 */
export async function fetchSharedModel(request: SharedModelRequest): Promise<SharedModel> {
  const { coordinatorUrl, runId, manifest, modelHash, storage, signal } = request;
  const ledger = createLedger({
    ...{ runId, storage, clock: systemClock },
    ...(request.onLedgerEntry && { onEntry: request.onLedgerEntry }),
  });
  const fetch = request.fetch ?? globalThis.fetch.bind(globalThis);
  const download = async (hash: BlobHash): Promise<Uint8Array> => {
    const payload = new Uint8Array();
    await ledger.record({ kind: 'request', subject: 'model-request', payload, roundNumber: null });
    return downloadModel(hash, { coordinatorUrl, fetch, signal });
  };
  const frozen = await openBaseModel({ storage, download }).frozen(manifest.model, signal);
  const stored = await storage.loadModel(runId, modelHash);
  const frame = stored ? stored.frame : await download(modelHash);
  const parameters = await readFrame(frame, parameterShapes(manifest.model));
  return { parameters, ...(frozen && { frozen }) };
}
