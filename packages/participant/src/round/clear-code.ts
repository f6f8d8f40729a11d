/** An update in a code that the coordinator reads by itself: a module of its own, because few runs need it. */
import { adaptiveBits, type ClearPlan, codeClearUpdate } from '@tributary/fl-core';
import type { CodedFrame } from './clear-frame.ts';
import type { LocalUpdate } from './local-update.ts';
import { privateWords } from './private-words.ts';
import type { RingRound } from './ring-update.ts';

export interface ClearRound extends RingRound {
  /** Of this device's connection, as far as it was measured: an adaptive code spends fewer bits on a slow one. */
  readonly bytesPerSecond: number | null;
}

export function clearCode({ modelDelta }: LocalUpdate, plan: ClearPlan, round: ClearRound): CodedFrame {
  const { shapes } = modelDelta;
  const seconds = round.manifest.rounds.reportingSeconds;
  const bits = adaptiveBits(plan, { shapes, bytesPerSecond: round.bytesPerSecond, seconds });
  return codeClearUpdate(modelDelta, plan, { ...round, bits, random: privateWords });
}
