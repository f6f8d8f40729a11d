/** The thread on which models are coded. */
import { readFileSync } from 'node:fs';
import {
  type BlobHash,
  decodeFrame,
  encodeCodedModel,
  type NamedModel,
  TributaryError,
} from '@tributary/fl-core';
import { sha256OfFrame } from '../aggregation/hash-frame.ts';
import type { BlobLocation } from '../storage/blob-store.ts';
import { answerQuestions } from '../threads/answering.ts';

interface LocatedModel {
  readonly hash: BlobHash;
  readonly at: BlobLocation;
}

export interface CodingQuestion {
  readonly model: LocatedModel;
  readonly base: LocatedModel | null;
}

answerQuestions<CodingQuestion, Uint8Array>(({ model, base }) => {
  const answer = encodeCodedModel(read(model), base && read(base));
  return { answer, transfer: [answer.buffer as ArrayBuffer] };
});

function read({ hash, at }: LocatedModel): NamedModel {
  const frame = 'bytes' in at ? at.bytes : readFile(at.path);
  return { hash, parameters: decodeFrame(frame, { sha256: sha256OfFrame(frame), mayShare: true }) };
}

function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new TributaryError('blob-missing', 'a model is not there');
  }
}
