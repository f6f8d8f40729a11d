/** An update in a code that the coordinator reads by itself: a module of its own, because few runs need it. */
import { type ClearPlan, codeClearUpdate } from '@tributary/fl-core';
import type { CodedFrame } from './clear-frame.ts';
import type { LocalUpdate } from './local-update.ts';
import { privateWords } from './private-words.ts';
import type { RingRound } from './ring-update.ts';

export interface ClearRound extends RingRound {
  /** That an adaptive code spends on a value; null where the plan fixes them. */
  readonly bits: number | null;
}

export function clearCode({ modelDelta }: LocalUpdate, plan: ClearPlan, round: ClearRound): CodedFrame {
  return codeClearUpdate(modelDelta, plan, { ...round, random: privateWords });
}
