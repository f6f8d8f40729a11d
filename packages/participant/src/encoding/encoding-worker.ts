/** Entry of the dedicated worker: `@tributary/participant/encoding-worker`. */
import { errorCodeOf } from '@tributary/fl-core';
import { type CodedFrame, clearFrame } from '../round/clear-frame.ts';
import type { EncodingAnswer, EncodingRequest } from './encoding-messages.ts';

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.addEventListener('message', ({ data }: MessageEvent<EncodingRequest>) => {
  void encode(data).then(({ answer, transfer }) => scope.postMessage(answer, transfer));
});

async function encode({
  update,
  round,
}: EncodingRequest): Promise<{ readonly answer: EncodingAnswer; readonly transfer: ArrayBuffer[] }> {
  try {
    const coded = await clearFrame(update, round);
    return { answer: { kind: 'encoded', coded }, transfer: buffersOf(coded) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { answer: { kind: 'failed', code: errorCodeOf(error), message }, transfer: [] };
  }
}

/** Each once, and whole: what is a part of a larger one is copied. */
function buffersOf({ frame, pending }: CodedFrame): ArrayBuffer[] {
  const arrays = [frame, ...Object.values(pending ?? {})].filter((part) => ArrayBuffer.isView(part));
  const whole = arrays.filter(({ buffer, byteLength }) => buffer.byteLength === byteLength);
  return [...new Set(whole.map(({ buffer }) => buffer as ArrayBuffer))];
}
