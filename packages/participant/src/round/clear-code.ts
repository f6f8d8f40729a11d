/** An update in a code that the coordinator reads by itself, and what that code lost. */
import { encodeClear, unexpired, withResidual } from '@tributary/compression';
import {
  type ClearPlan,
  encodeCodedFrame,
  memberSeed,
  normSlack,
  type ParameterSet,
  parameterShapes,
} from '@tributary/fl-core';
import type { CodedFrame } from './clear-frame.ts';
import type { LocalUpdate } from './local-update.ts';
import { privateWords } from './private-words.ts';
import { checkDecoded, clipAndCheck } from './protect-delta.ts';
import type { RingRound } from './ring-update.ts';

export interface ClearRound extends RingRound {
  /** That an adaptive code spends on a value; null where the plan fixes them. */
  readonly bits: number | null;
}

/**
 * The order is fixed: what earlier codes lost is added before the clip, so that no update is longer than others may be.
 * @throws TributaryError `update-out-of-range`, also when the code is so coarse that the coordinator would refuse it
 */
export function clearCode({ modelDelta }: LocalUpdate, plan: ClearPlan, context: ClearRound): CodedFrame {
  const { manifest, clientId, round, roundNumber, bits } = context;
  const shapes = parameterShapes(manifest.model);
  const { carried, memory } = carriedDelta(modelDelta, plan, context);
  const code = encodeClear(clipAndCheck(carried, manifest).values, plan, {
    shapes,
    seed: memberSeed(round.seed, clientId),
    random: privateWords,
    roundNumber,
    committedRounds: roundNumber - 1,
    ...(bits !== null && { bits }),
    feedback: memory,
  });
  checkDecoded(code.decoded, manifest, normSlack(plan));
  return { frame: encodeCodedFrame(code.bytes, { compression: plan, shapes }), pending: code.memory };
}

/** @returns `memory` as far as it has not expired */
function carriedDelta(
  { shapes, values }: ParameterSet,
  { feedback }: ClearPlan,
  { roundNumber, memory: kept }: ClearRound,
) {
  if (feedback.mode === 'off') return { carried: { shapes, values: values.slice() }, memory: null };
  const { expiresAfterRounds } = feedback;
  const expiry = { roundNumber, expiresAfterRounds, length: values.length };
  const memory = unexpired(kept, expiry);
  return { carried: { shapes, values: withResidual(values, memory, expiry) }, memory };
}
