/**
 * The log of the models that a run's rounds started from: a chain of hashes. Who was told a head can tell later whether
 * the same history is still told; the head is part of what the members of a secure sum sign.
 */
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { transcript } from '@tributary/privacy';
import type { BlobHash, RunId } from '../identifiers.ts';
import { blobHashOf } from '../sha256.ts';

const DOMAIN = 'tributary/model-log';

/** Before the first round. */
export function emptyModelLog(runId: RunId): BlobHash {
  return blobHashOf(transcript(DOMAIN, [utf8ToBytes(runId)]));
}

/** The head after this round has opened. */
export function modelLogHead(
  previous: BlobHash,
  entry: { readonly roundNumber: number; readonly modelHash: BlobHash },
): BlobHash {
  const fields = [hexToBytes(previous), utf8ToBytes(String(entry.roundNumber)), hexToBytes(entry.modelHash)];
  return blobHashOf(transcript(DOMAIN, fields));
}
