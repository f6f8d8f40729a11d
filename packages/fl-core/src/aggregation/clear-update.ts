/** An update in a clear code: made on a device, and read by the coordinator into floats like those that are sent whole. */
import {
  CodecError,
  type CodecMemory,
  decodeClear,
  encodeClear,
  type RandomWords,
  unexpired,
  withResidual,
} from '@tributary/compression';
import { clipToNorm } from '@tributary/privacy';
import { TributaryError } from '../errors.ts';
import type { ClientId } from '../identifiers.ts';
import type { ParameterSet } from '../parameters.ts';
import type { ClearPlan } from '../task/compression-plan.ts';
import type { SumManifest } from '../task/secure-sum-plan.ts';
import type { RoundCode } from '../update/round-code.ts';
import { memberSeed } from '../update/round-seed.ts';
import { type CodedUpdatePlan, decodeCodedFrame, encodeCodedFrame } from '../wire/coded-frame.ts';
import { checkFloats, normSlack } from './check-floats.ts';

export interface ClearUpdateOptions {
  readonly manifest: SumManifest;
  readonly round: RoundCode;
  readonly roundNumber: number;
  readonly clientId: ClientId;
  /** That an adaptive code spends on a value; null where the plan fixes them. */
  readonly bits: number | null;
  /** What earlier codes of this device left; null without error feedback. */
  readonly memory: CodecMemory | null;
  /** Nobody else's. */
  readonly random: RandomWords;
}

export interface ClearUpdate {
  readonly frame: Uint8Array<ArrayBuffer>;
  /** What this code leaves behind, should it count. As secret as the model delta; null without error feedback. */
  readonly pending: CodecMemory | null;
}

/**
 * The order is fixed: what earlier codes lost is added before the clip, so that no update is longer than others may be.
 * @param delta stays as it is
 * @throws TributaryError `update-not-finite`; `update-out-of-range`, also when the code is so coarse that the coordinator would
 * refuse it
 */
export function codeClearUpdate(
  delta: ParameterSet,
  plan: ClearPlan,
  options: ClearUpdateOptions,
): ClearUpdate {
  const { manifest, round, roundNumber, clientId, bits, random } = options;
  const { shapes } = delta;
  const { carried, memory } = carry(delta, plan, options);
  const { clippingNorm } = manifest.privacy;
  if (clippingNorm !== undefined) clipToNorm(carried, clippingNorm);
  checkFloats({ shapes, values: carried }, manifest, Number.POSITIVE_INFINITY);
  const code = encodeClear(carried, plan, {
    ...{ shapes, random, roundNumber, feedback: memory },
    seed: memberSeed(round.seed, clientId),
    committedRounds: roundNumber - 1,
    ...(bits !== null && { bits }),
  });
  checkFloats({ shapes, values: code.decoded }, manifest, normSlack(plan));
  return { frame: encodeCodedFrame(code.bytes, { compression: plan, shapes }), pending: code.memory };
}

/** @returns `memory` unless it has expired */
function carry(
  { values }: ParameterSet,
  { feedback }: ClearPlan,
  { roundNumber, memory: kept }: ClearUpdateOptions,
) {
  if (feedback.mode === 'off') return { carried: values.slice(), memory: null };
  const expiry = {
    ...{ roundNumber, length: values.length },
    expiresAfterRounds: feedback.expiresAfterRounds,
  };
  const memory = unexpired(kept, expiry);
  return { carried: withResidual(values, memory, expiry), memory };
}

/**
 * @param seed the public one of its sender, `memberSeed`
 * @throws TributaryError with a `frame-*` code, `codec-malformed`
 */
export function readClearUpdate(
  frame: Uint8Array,
  { compression, shapes, seed }: CodedUpdatePlan & { readonly seed: Uint8Array },
): ParameterSet {
  const payload = decodeCodedFrame(frame, { compression, shapes });
  try {
    return { shapes, values: decodeClear(payload, compression, { shapes, seed }) };
  } catch (error) {
    if (error instanceof CodecError) throw new TributaryError(error.code, error.message, { cause: error });
    throw error;
  }
}
