/** Models come and updates go over HTTP. */
import {
  type BlobHash,
  blobHashOf,
  modelPath,
  type Sha256,
  TributaryError,
  UPDATES_PATH,
  uploadAcceptedSchema,
} from '@tributary/fl-core';
import { problemOf } from './problem.ts';
import { reaching } from './reaching.ts';

export interface BulkOptions {
  readonly coordinatorUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly sha256: Sha256;
  readonly signal: AbortSignal;
}

/**
 * @throws TributaryError `blob-corrupt` when the bytes are not those of this hash; the coordinator's own codes;
 * `internal` when the network fails
 */
export async function downloadModel(modelHash: BlobHash, options: BulkOptions): Promise<Uint8Array> {
  const { coordinatorUrl, fetch, sha256, signal } = options;
  const frame = await reaching(async () => {
    const response = await fetch(new URL(modelPath(modelHash), coordinatorUrl), { signal });
    if (!response.ok) throw await problemOf(response);
    return new Uint8Array(await response.arrayBuffer());
  }, signal);
  if (blobHashOf(frame, sha256) !== modelHash) {
    throw new TributaryError('blob-corrupt', 'the downloaded model is not the announced one');
  }
  return frame;
}

export type UploadOutcome =
  | { readonly kind: 'accepted' }
  /** Trying again will not help. */
  | { readonly kind: 'refused'; readonly error: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Statuses below 500 that pass with time: request timeout, too early, too many requests. */
const PASSING_STATUSES = new Set([408, 425, 429]);

/** Rejects only when the network fails or `signal` aborts; an answer of the coordinator is an outcome. */
export async function uploadUpdate(
  update: { readonly frame: Uint8Array; readonly updateHash: BlobHash; readonly uploadTicket: string },
  { coordinatorUrl, fetch, signal }: BulkOptions,
): Promise<UploadOutcome> {
  const request = {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${update.uploadTicket}`,
      'content-type': 'application/octet-stream',
    },
    body: update.frame as Uint8Array<ArrayBuffer>,
    signal,
  };
  const response = await reaching(() => fetch(new URL(UPDATES_PATH, coordinatorUrl), request), signal);
  if (!response.ok) {
    const error = await problemOf(response);
    // An earlier attempt arrived, and only its acknowledgement was lost.
    if (error.code === 'report-duplicate') return { kind: 'accepted' };
    const refused = response.status < 500 && !PASSING_STATUSES.has(response.status);
    return { kind: refused ? 'refused' : 'failed', error };
  }
  const answer = uploadAcceptedSchema.safeParse(await response.json().catch(() => null));
  if (!answer.success || answer.data.updateHash !== update.updateHash) {
    const error = new TributaryError('message-malformed', 'the answer to the upload is not understood');
    return { kind: 'failed', error };
  }
  return { kind: 'accepted' };
}
