/** Sums over a run's finished rounds, kept as they finish so that nobody has to read all rounds for them. */
import type { RoundSummary, RunDetail } from '@tributary/fl-core';

export type RoundTotals = RunDetail['totals'];

export function emptyTotals(): RoundTotals {
  return {
    committed: 0,
    abandoned: 0,
    invited: 0,
    trained: 0,
    accepted: 0,
    dropped: {},
    bytesUp: 0,
    bytesDown: 0,
  };
}

export function withRound(totals: RoundTotals, round: RoundSummary): RoundTotals {
  const dropped = { ...totals.dropped };
  for (const [reason, members] of Object.entries(round.dropped)) {
    dropped[reason] = (dropped[reason] ?? 0) + members;
  }
  return {
    committed: totals.committed + (round.outcome === 'committed' ? 1 : 0),
    abandoned: totals.abandoned + (round.outcome === 'abandoned' ? 1 : 0),
    invited: totals.invited + round.invited,
    trained: totals.trained + round.trained,
    accepted: totals.accepted + round.accepted,
    dropped,
    bytesUp: totals.bytesUp + round.bytesUp,
    bytesDown: totals.bytesDown + round.bytesDown,
  };
}
