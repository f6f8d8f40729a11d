/** Which model a roll back leads to, and why it may not. */
import { type RunState, type SumFacts, TributaryError } from '@tributary/fl-core';
import type { RunStore, StoredModel } from '../storage/run-store.ts';

/** @throws TributaryError `conflict`, or `not-found` when that round left no model */
export async function findRollBack(
  state: RunState,
  toRound: number,
  store: Pick<RunStore, 'modelAfter' | 'rounds'>,
): Promise<StoredModel & { readonly sum: SumFacts | undefined }> {
  if (state.status !== 'paused' && state.status !== 'completed') {
    throw new TributaryError('conflict', `the run is ${state.status}; pause it before going back`);
  }
  const model = await store.modelAfter(state.runId, toRound);
  if (!model) throw new TributaryError('not-found', `round ${toRound} left no model`);
  if (model.isSuperseded) {
    throw new TributaryError('conflict', `round ${toRound} was left behind by an earlier roll back`);
  }
  if (model.committedRounds === state.committedRounds) {
    throw new TributaryError('conflict', 'this is the current model; there is nothing to go back from');
  }
  if (toRound > 0 && model.optimiserHash === null) {
    throw new TributaryError(
      'conflict',
      `the optimiser's state after round ${toRound} was not kept by the version that made it`,
    );
  }
  // Only a run that tunes its step asks what its rounds showed.
  const rounds = state.tuning ? await store.rounds(state.runId) : [];
  return { ...model, sum: rounds.find(({ roundNumber }) => roundNumber === toRound)?.sum };
}
