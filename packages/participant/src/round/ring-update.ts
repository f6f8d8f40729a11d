/** An update as integers of a ring: what is masked and what is not are alike. */
import type { CodecMemory } from '@tributary/compression';
import {
  type AdditiveCode,
  type AdditiveUpdate,
  additiveFrame,
  additivePieces,
  additiveVectors,
  type ClientId,
  parameterShapes,
  type RoundCode,
  type TaskManifest,
  withMemory,
} from '@tributary/fl-core';
import { breathe } from '../data/breathe.ts';
import type { LocalUpdate } from './local-update.ts';
import { privateWords } from './private-words.ts';

export interface RingRound {
  readonly manifest: TaskManifest;
  readonly roundNumber: number;
  readonly round: RoundCode;
  readonly clientId: ClientId;
  /** What the last code of this device left behind; null without error feedback. */
  readonly memory: CodecMemory | null;
}

export interface RingCode {
  readonly update: AdditiveUpdate;
  /** What this code leaves behind, should it count; null without error feedback. */
  readonly pending: CodecMemory | null;
}

export async function ringUpdate(
  { modelDelta, exampleCount, evaluation }: LocalUpdate,
  { manifest, roundNumber, round, clientId, memory }: RingRound,
): Promise<RingCode> {
  const shapes = parameterShapes(manifest.model);
  const input = withMemory(modelDelta.values, { manifest, roundNumber, memory });
  const options = { manifest, shapes, round, clientId, exampleCount, evaluation, random: privateWords };
  const { update, residual } = await breathing(additivePieces(input, options));
  return { update, pending: residual && { roundNumber, residual } };
}

async function breathing(pieces: Generator<void, AdditiveCode>): Promise<AdditiveCode> {
  for (;;) {
    const step = pieces.next();
    if (step.done) return step.value;
    await breathe();
  }
}

/** Masked or not. */
export function ringFrame(
  update: AdditiveUpdate,
  { manifest, round }: Pick<RingRound, 'manifest' | 'round'>,
): Uint8Array {
  return additiveFrame(update, { manifest, shapes: parameterShapes(manifest.model), round });
}

/** The vectors of an update that is not masked yet. @throws TributaryError with a `frame-*` code */
export function ringVectors(
  frame: Uint8Array,
  { manifest, round }: Pick<RingRound, 'manifest' | 'round'>,
): AdditiveUpdate {
  return additiveVectors(frame, { manifest, shapes: parameterShapes(manifest.model), round });
}
