/**
 * Coded models: each is made once for everybody who asks, one after another on a thread of its own, and kept while there is
 * room. All of it can be made again.
 */
import { type BlobHash, TributaryError } from '@tributary/fl-core';
import type { Metrics } from '../metrics.ts';
import { openShelf } from '../run/shelf.ts';
import type { BlobLocation } from '../storage/blob-store.ts';
import { builtWorker, openThread } from '../threads/thread.ts';
import type { CodingQuestion } from './coding-worker.ts';

export interface CodedModels {
  /**
   * Nobody may change these bytes.
   * @throws TributaryError `not-found` while too many others are awaited, and when a model is not there
   */
  get(model: BlobHash, base: BlobHash | null): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface CodedModelsParts {
  readonly locate: (hash: BlobHash) => BlobLocation;
  readonly metrics: Metrics;
}

/** What all that are kept may take together; the latest is kept however large it is. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** A tab that is turned away takes the whole model, which costs no thread anything. */
const MOST_AWAITED = 16;

export function openCodedModels({ locate, metrics }: CodedModelsParts): CodedModels {
  const thread = openThread<CodingQuestion, Uint8Array>(builtWorker('coding-worker', import.meta.url), {
    mayRest: () => true,
  });
  let awaited = 0;

  const code = async (name: string): Promise<Uint8Array> => {
    if (awaited >= MOST_AWAITED) throw new TributaryError('not-found', 'too many models are being coded');
    const [model, base] = name.split('/') as [BlobHash, BlobHash?];
    const located = (hash: BlobHash) => ({ hash, at: locate(hash) });
    const measured = metrics.codingSeconds.startTimer();
    awaited += 1;
    try {
      return await thread.ask({ model: located(model), base: base ? located(base) : null });
    } catch (error) {
      if (error instanceof TributaryError && error.code === 'blob-missing') {
        throw new TributaryError('not-found', 'there is no such model here', { cause: error });
      }
      throw error;
    } finally {
      awaited -= 1;
      measured();
    }
  };
  const shelf = openShelf(code, KEPT_BYTES);

  return {
    get: (model, base) => shelf.get(base === null ? model : `${model}/${base}`),
    close: thread.close,
  };
}
