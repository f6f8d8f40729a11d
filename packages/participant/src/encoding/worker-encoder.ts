/** An encoder in a worker, which lives as long as one update: what it knew of that is gone with it. */
import { TributaryError } from '@tributary/fl-core';
import { type CodedFrame, type CodingRound, clearFrame } from '../round/clear-frame.ts';
import type { LocalUpdate } from '../round/local-update.ts';
import type { EncodingAnswer, EncodingRequest } from './encoding-messages.ts';
import type { UpdateEncoder } from './update-encoder.ts';

/**
 * @param openWorker starts a worker whose entry is `@tributary/participant/encoding-worker`
 */
export function createWorkerEncoder(openWorker: () => Worker): UpdateEncoder {
  return {
    // Nothing is computed for it: it is the header and a copy.
    frame: (update, round) =>
      round.manifest.compression.codec === 'float32'
        ? clearFrame(update, round)
        : encodeIn(openWorker(), update, round),

    async vectors(update, round) {
      const { frame, pending } = await encodeIn(openWorker(), update, { ...round, bytesPerSecond: null });
      const { ringVectors } = await import('../round/ring-update.ts');
      const vectors = ringVectors(frame, round);
      // Not masked: nobody but the vectors, which will be, has it any longer.
      frame.fill(0);
      return { update: vectors, pending };
    },
  };
}

function encodeIn(worker: Worker, update: LocalUpdate, round: CodingRound): Promise<CodedFrame> {
  return new Promise<CodedFrame>((resolve, reject) => {
    worker.onmessage = ({ data: answer }: MessageEvent<EncodingAnswer>) => {
      if (answer.kind === 'encoded') resolve(answer.coded);
      else reject(new TributaryError(answer.code, answer.message));
    };
    worker.onerror = () => reject(new TributaryError('internal', 'the worker that codes updates has died'));
    const request: EncodingRequest = { update, round };
    worker.postMessage(request, [update.modelDelta.values.buffer]);
  }).finally(() => worker.terminate());
}
