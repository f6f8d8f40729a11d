/**
 * Models that come coded: as the changes of the one that this device holds, or by themselves. Loaded only in runs whose models
 * do. What was decoded is proven by the hash of its frame, like a model that came whole.
 */
import {
  type BlobHash,
  codedModelPath,
  decodeCodedModel,
  errorCodeOf,
  type ParameterSet,
  type TensorShape,
  TributaryError,
} from '@tributary/fl-core';
import { breathe } from '../data/breathe.ts';
import { hashOf, readFrame, writeFrame } from '../hashing.ts';
import type { StoredModel } from '../ports/participant-storage.ts';
import type { LinkSpeed } from '../round/link-speed.ts';
import type { BulkOptions } from './bulk-transfer.ts';
import { problemOf } from './problem.ts';
import { reaching } from './reaching.ts';

export interface CodedDownload {
  readonly modelHash: BlobHash;
  readonly shapes: readonly TensorShape[];
  /** What is on this device of earlier rounds. */
  readonly held: StoredModel | null;
  /** It cannot be read. */
  readonly forgetHeld: () => Promise<void>;
  /** Resolves when it is written down that this is asked for. */
  readonly record: (subject: 'model-changes-request' | 'coded-model-request') => Promise<void>;
  readonly bulk: BulkOptions;
  readonly link: Pick<LinkSpeed, 'time'>;
}

/**
 * @returns the model's frame; null when the coordinator has it neither as changes nor coded
 * @throws TributaryError `blob-corrupt` when what came is not the model; the coordinator's own codes; Unreachable
 */
export async function downloadCodedModel(download: CodedDownload): Promise<Uint8Array | null> {
  const base = await readHeld(download);
  if (base) {
    await download.record('model-changes-request');
    const coded = await fetchCoded(download, base.hash);
    if (coded) return decoded(coded, download, base);
  }
  await download.record('coded-model-request');
  const coded = await fetchCoded(download, null);
  return coded && decoded(coded, download, null);
}

interface Base {
  readonly hash: BlobHash;
  readonly parameters: ParameterSet;
}

/** Changes of a model that is spoilt would lead to none; and it would be in the way of every later round. */
async function readHeld({ held, forgetHeld, shapes }: CodedDownload): Promise<Base | null> {
  if (!held) return null;
  try {
    return { hash: held.modelHash, parameters: await readFrame(held.frame, shapes) };
  } catch {
    await forgetHeld();
    return null;
  }
}

async function fetchCoded(
  { modelHash, bulk, link }: CodedDownload,
  base: BlobHash | null,
): Promise<Uint8Array | null> {
  const { coordinatorUrl, fetch, signal } = bulk;
  const answered = async (): Promise<Uint8Array> => {
    const response = await fetch(new URL(codedModelPath(modelHash, base), coordinatorUrl), { signal });
    if (response.status === 404) throw new TributaryError('not-found', 'this model does not come coded so');
    if (!response.ok) throw await problemOf(response);
    return new Uint8Array(await response.arrayBuffer());
  };
  try {
    return await link.time(
      'down',
      (coded) => coded.length,
      () => reaching(answered, signal),
    );
  } catch (error) {
    if (errorCodeOf(error) !== 'not-found') throw error;
    return null;
  }
}

async function decoded(
  coded: Uint8Array,
  { modelHash, shapes, bulk }: CodedDownload,
  base: Base | null,
): Promise<Uint8Array> {
  const parameters = await inPieces(decodeCodedModel(coded, { modelHash, shapes, base }), bulk.signal);
  const frame = await writeFrame(parameters);
  if ((await hashOf(frame)) !== modelHash) throw notTheModel();
  return frame;
}

/** Leaves the thread to others between two pieces. */
async function inPieces<T>(pieces: Generator<void, T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    const piece = stepOf(pieces);
    if (piece.done) return piece.value;
    await breathe();
    signal.throwIfAborted();
  }
}

function stepOf<T>(pieces: Generator<void, T>): IteratorResult<void, T> {
  try {
    return pieces.next();
  } catch (error) {
    throw notTheModel(error);
  }
}

function notTheModel(cause?: unknown): TributaryError {
  return new TributaryError('blob-corrupt', 'the coded model is not the announced one', { cause });
}
