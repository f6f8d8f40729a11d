import type { RoundSummary, RunDetail } from '@tributary/fl-core';

/**
 * What is known of a run after an answer to `?since=` the known revision: its rounds replace those of the same
 * number. The array of rounds stays the very same when none changed, so that nothing is drawn anew for it.
 */
export function mergedRun(known: RunDetail | undefined, answer: RunDetail): RunDetail {
  if (!known) return answer;
  return { ...answer, rounds: mergedRounds(known.rounds, answer.rounds) };
}

function mergedRounds(known: readonly RoundSummary[], changed: readonly RoundSummary[]): RoundSummary[] {
  if (changed.length === 0) return known as RoundSummary[];
  const rounds = new Map(known.map((round) => [round.roundNumber, round]));
  for (const round of changed) rounds.set(round.roundNumber, round);
  return [...rounds.values()].sort((a, b) => a.roundNumber - b.roundNumber);
}
