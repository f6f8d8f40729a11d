/** The base model of an adapted one: it comes once, is kept under its hash, and is proven before anything trains on it. */
import {
  type BlobHash,
  baseModelOf,
  baseShapes,
  decodeFrame,
  frozenParameters,
  type ModelSpec,
  type ParameterSet,
} from '@tributary/fl-core';
import { hashOf } from '../hashing.ts';
import type { ParticipantStorage } from '../ports/participant-storage.ts';

export interface BaseModelOptions {
  readonly storage: Pick<ParticipantStorage, 'loadBaseModel' | 'saveBaseModel'>;
  /** Gives bytes of this hash, or rejects. */
  readonly download: (hash: BlobHash, signal: AbortSignal) => Promise<Uint8Array>;
}

export interface BaseModel {
  /** What trainers call `frozen`: the same object each time, so that a worker is handed it once. Null without adaptation. */
  frozen(model: ModelSpec, signal: AbortSignal): Promise<ParameterSet | null>;
}

export function openBaseModel({ storage, download }: BaseModelOptions): BaseModel {
  let proven: { readonly hash: BlobHash; readonly parameters: ParameterSet } | null = null;

  return {
    async frozen(model, signal) {
      const hash = baseModelOf(model);
      const expectedShapes = baseShapes(model);
      if (hash === null || expectedShapes === null) return null;
      if (proven?.hash === hash) return proven.parameters;
      const stored = await storage.loadBaseModel(hash);
      const isWhole = stored !== null && (await hashOf(stored)) === hash;
      const frame = isWhole ? stored : await download(hash, signal);
      // All of it is what its hash says, its checksum included.
      const base = decodeFrame(frame, { sha256: () => frame.subarray(-32), expectedShapes });
      signal.throwIfAborted();
      if (!isWhole) await storage.saveBaseModel(hash, frame);
      proven = { hash, parameters: frozenParameters(model, base) };
      return proven.parameters;
    },
  };
}
