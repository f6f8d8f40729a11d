/**
 * Codes that say something only by themselves: the coordinator reads each update and adds it to the sum as if it had come
 * whole. What a device reads back from its own code is bit for bit what the coordinator reads.
 */
import { CodecError } from '../errors.ts';
import { type CodecMemory, residualOf } from '../feedback.ts';
import { areFinite } from '../finite.ts';
import type { RandomWords } from '../stochastic-rounding.ts';
import type { ClearPlanLike } from './clear-plan.ts';
import { codeCodebook, decodeCodebook } from './codebook.ts';
import { codeEden, decodeEden } from './eden.ts';
import { codePowerSgd, decodePowerSgd } from './power-sgd.ts';
import { codeTopK, decodeTopK } from './top-k.ts';
import { codeTruncated, decodeTruncated } from './truncated.ts';

export interface ClearContext {
  readonly shapes: readonly (readonly number[])[];
  /** 32 bytes that the coordinator knows, too: rotations and choices of coordinates come from them. */
  readonly seed: Uint8Array;
  /** Nobody else's. */
  readonly random: RandomWords;
  readonly roundNumber: number;
  readonly committedRounds: number;
  /** What an adaptive code shall spend on a value; the plan's bits otherwise. */
  readonly bits?: number;
  readonly feedback: CodecMemory | null;
}

export interface ClearCode {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the coordinator will decode. */
  readonly decoded: Float32Array<ArrayBuffer>;
  /** What is to be kept for the next update; null when the plan keeps nothing. */
  readonly memory: CodecMemory | null;
}

/**
 * @param values of all shapes, one after another: the delta, with the residual of `context.feedback` added and then clipped
 * @throws CodecError `codec-not-finite`
 */
export function encodeClear(values: Float32Array, plan: ClearPlanLike, context: ClearContext): ClearCode {
  checkFinite(values);
  return withMemory(codedBy(values, plan, context), values, plan, context);
}

/**
 * @returns as many values as the shapes hold
 * @throws CodecError `codec-malformed` on bytes that no encoder writes under this plan
 */
export function decodeClear(
  bytes: Uint8Array,
  plan: ClearPlanLike,
  context: Pick<ClearContext, 'shapes' | 'seed'>,
): Float32Array<ArrayBuffer> {
  switch (plan.codec) {
    case 'eden':
      return decodeEden(bytes, plan, context);
    case 'top-k':
      return decodeTopK(bytes, plan, context);
    case 'power-sgd':
      return decodePowerSgd(bytes, plan, context);
    case 'codebook':
      return decodeCodebook(bytes, plan, context);
    case 'truncated':
      return decodeTruncated(bytes, plan, context);
  }
}

function codedBy(values: Float32Array, plan: ClearPlanLike, context: ClearContext): Coded {
  switch (plan.codec) {
    case 'eden':
      return codeEden(values, plan, context);
    case 'top-k':
      return codeTopK(values, plan, context);
    case 'power-sgd':
      return codePowerSgd(values, plan, context);
    case 'codebook':
      return codeCodebook(values, plan, context);
    case 'truncated':
      return codeTruncated(values, plan, context);
  }
}

/** What one codec makes of an update, and what it wants kept. The residual is what was lost, unless it says otherwise. */
export interface Coded extends Partial<Omit<CodecMemory, 'roundNumber'>> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly decoded: Float32Array<ArrayBuffer>;
}

function withMemory(
  { bytes, decoded, ...kept }: Coded,
  values: Float32Array,
  plan: ClearPlanLike,
  { roundNumber }: ClearContext,
): ClearCode {
  if (plan.feedback.mode === 'off') return { bytes, decoded, memory: null };
  return { bytes, decoded, memory: { roundNumber, residual: residualOf(values, decoded), ...kept } };
}

function checkFinite(values: Float32Array): void {
  if (!areFinite(values))
    throw new CodecError('codec-not-finite', 'the update holds a value that is not finite');
}
