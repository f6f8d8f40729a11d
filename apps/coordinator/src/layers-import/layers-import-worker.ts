/** Reads a saved layers model with tfjs, which must never run on the coordinator's own thread. */
import { blobHashOf, encodeFrame, type ModelSpec } from '@tributary/fl-core';
import { importLayersModel } from '@tributary/training';
import { nativeSha256 } from '../native-sha256.ts';
import { answerQuestions } from '../threads/answering.ts';
import type { ImportedLayers } from './import-layers.ts';
import { unpackLayers } from './unpack-layers.ts';

answerQuestions<Uint8Array, ImportedLayers>(async (zip) => {
  const { model, parameters } = await importLayersModel(unpackLayers(zip));
  const frame = encodeFrame(parameters, nativeSha256);
  return {
    answer: { model: model satisfies ModelSpec, frame, hash: blobHashOf(frame, nativeSha256) },
    transfer: [frame.buffer as ArrayBuffer],
  };
});
