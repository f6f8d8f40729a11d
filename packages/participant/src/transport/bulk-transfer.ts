/** Models come and updates go over HTTP. */
import {
  type BlobHash,
  modelPath,
  TributaryError,
  UPDATES_PATH,
  UPLOAD_OFFSET_HEADER,
  uploadAcceptedSchema,
} from '@tributary/fl-core';
import { hashOf } from '../hashing.ts';
import { problemOf } from './problem.ts';
import { reaching } from './reaching.ts';

export interface BulkOptions {
  readonly coordinatorUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
}

/**
 * @throws TributaryError `blob-corrupt` when the bytes are not those of this hash; the coordinator's own codes;
 * `internal` when the network fails
 */
export async function downloadModel(modelHash: BlobHash, options: BulkOptions): Promise<Uint8Array> {
  const { coordinatorUrl, fetch, signal } = options;
  const frame = await reaching(async () => {
    const response = await fetch(new URL(modelPath(modelHash), coordinatorUrl), { signal });
    if (!response.ok) throw await problemOf(response);
    return new Uint8Array(await response.arrayBuffer());
  }, signal);
  if ((await hashOf(frame)) !== modelHash) {
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
const isFinal = (status: number): boolean => status >= 400 && status < 500 && !PASSING_STATUSES.has(status);

export interface Upload {
  readonly frame: Uint8Array;
  readonly updateHash: BlobHash;
  readonly uploadTicket: string;
}

export type ArrivedSoFar =
  | { readonly kind: 'arrived'; readonly bytes: number }
  | Exclude<UploadOutcome, { kind: 'accepted' }>;

/** How much of an update that broke off has arrived. Rejects only when the network fails or `signal` aborts. */
export async function askWhatArrived(
  { frame, uploadTicket }: Upload,
  { coordinatorUrl, fetch, signal }: BulkOptions,
): Promise<ArrivedSoFar> {
  const headers = { authorization: `Bearer ${uploadTicket}` };
  const url = new URL(UPDATES_PATH, coordinatorUrl);
  const response = await reaching(() => fetch(url, { method: 'HEAD', headers, signal }), signal);
  const bytes = Number(response.headers.get(UPLOAD_OFFSET_HEADER) ?? Number.NaN);
  if (response.ok && Number.isInteger(bytes) && bytes >= 0 && bytes <= frame.length) {
    return { kind: 'arrived', bytes };
  }
  // The answer to HEAD has no body that could say why.
  if (isFinal(response.status)) {
    return {
      kind: 'refused',
      error: new TributaryError('round-mismatch', 'this update is not awaited any more'),
    };
  }
  const error = new TributaryError('internal', 'the coordinator does not say how much of the update arrived');
  return { kind: 'failed', error };
}

/**
 * Uploads what lies behind the first `offset` bytes. Rejects only when the network fails or `signal` aborts; an answer of
 * the coordinator is an outcome.
 */
export async function uploadUpdate(
  { frame, updateHash, uploadTicket }: Upload,
  offset: number,
  { coordinatorUrl, fetch, signal }: BulkOptions,
): Promise<UploadOutcome> {
  const request = {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${uploadTicket}`,
      'content-type': 'application/octet-stream',
      [UPLOAD_OFFSET_HEADER]: String(offset),
    },
    body: frame.subarray(offset) as Uint8Array<ArrayBuffer>,
    signal,
  };
  const response = await reaching(() => fetch(new URL(UPDATES_PATH, coordinatorUrl), request), signal);
  if (!response.ok) {
    const error = await problemOf(response);
    // An earlier attempt arrived, and only its acknowledgement was lost.
    if (error.code === 'report-duplicate') return { kind: 'accepted' };
    const isRefused = isFinal(response.status) && error.code !== 'upload-offset-mismatch';
    return { kind: isRefused ? 'refused' : 'failed', error };
  }
  const answer = uploadAcceptedSchema.safeParse(await response.json().catch(() => null));
  if (!answer.success || answer.data.updateHash !== updateHash) {
    const error = new TributaryError('message-malformed', 'the answer to the upload is not understood');
    return { kind: 'failed', error };
  }
  return { kind: 'accepted' };
}
