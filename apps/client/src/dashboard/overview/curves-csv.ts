/** The record of every finished round as CSV (RFC 4180): fractions as fractions, times in seconds, sizes in bytes. */
import type { RoundSummary } from '@tributary/fl-core';

const COLUMNS: Record<string, (round: RoundSummary) => string | number | null> = {
  round: (round) => round.roundNumber,
  outcome: (round) => round.outcome,
  reason: (round) => round.reason,
  superseded: (round) => (round.isSuperseded ? 1 : 0),
  closed_at: (round) => new Date(round.closedAt).toISOString(),
  seconds: (round) => (round.closedAt - round.openedAt) / 1000,
  validation_accuracy: (round) => round.validationAccuracy,
  validation_loss: (round) => round.validationLoss,
  participant_accuracy: (round) => round.participantAccuracy,
  invited: (round) => round.invited,
  trained: (round) => round.trained,
  accepted: (round) => round.accepted,
  bytes_up: (round) => round.bytesUp,
  bytes_down: (round) => round.bytesDown,
  model_hash: (round) => round.modelHash,
};

export function curvesCsv(rounds: readonly RoundSummary[]): string {
  const cells = Object.values(COLUMNS);
  const lines = rounds.map((round) => cells.map((cellOf) => cellOf(round) ?? '').join(','));
  return [Object.keys(COLUMNS).join(','), ...lines, ''].join('\r\n');
}
