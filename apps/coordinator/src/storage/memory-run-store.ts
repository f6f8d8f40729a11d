/** The run store in memory, for tests and throw-away coordinators. Stored values are copies, as in a database. */
import type { BlobHash, ClientId, RoundSummary, RunId } from '@tributary/fl-core';
import { emptyTotals, type RoundTotals, withRound } from './round-totals.ts';
import { type Contribution, emptyTally, type RunStore, type StoredRun } from './run-store.ts';

interface KeptRun {
  stored: StoredRun;
  revision: number;
  totals: RoundTotals;
  readonly rounds: Map<number, { summary: RoundSummary; revision: number }>;
  readonly models: Map<number, { hash: BlobHash; optimiserHash: BlobHash | null }>;
  readonly contributions: Map<ClientId, Contribution>;
}

export function openMemoryRunStore(): RunStore {
  const runs = new Map<RunId, KeptRun>();

  const kept = (runId: RunId): KeptRun => {
    const run = runs.get(runId);
    if (!run) throw new Error(`run ${runId} was never created`);
    return run;
  };
  const update = (run: KeptRun, change: Partial<StoredRun>): void => {
    run.stored = structuredClone({ ...run.stored, ...change });
  };
  const changeRound = (run: KeptRun, summary: RoundSummary): void =>
    void run.rounds.set(summary.roundNumber, { summary: structuredClone(summary), revision: run.revision });
  const roundsOf = (run: KeptRun): RoundSummary[] => [...run.rounds.values()].map(({ summary }) => summary);

  const newestModel = (run: KeptRun): number =>
    [...run.models.keys()].findLast((round) => !run.rounds.get(round)?.summary.isSuperseded) ?? 0;

  return {
    async createRun(run) {
      if (runs.has(run.runId)) throw new Error(`run ${run.runId} exists`);
      runs.set(run.runId, {
        stored: structuredClone(run),
        revision: 0,
        totals: emptyTotals(),
        rounds: new Map(),
        models: new Map([[0, { hash: run.state.modelHash, optimiserHash: null }]]),
        contributions: new Map(),
      });
    },
    runs: async () => [...runs.values()].map(({ stored }) => structuredClone(stored)),
    saveState: async (runId, state, tally) => update(kept(runId), { state, tally }),
    async recordRound(runId, { state, summary, commit }) {
      const run = kept(runId);
      if (run.rounds.has(summary.roundNumber)) {
        throw new Error(`round ${summary.roundNumber} of ${runId} is recorded`);
      }
      update(run, { state, tally: emptyTally(), ...(commit && { optimiserHash: commit.optimiserHash }) });
      run.revision += 1;
      run.totals = withRound(run.totals, summary);
      changeRound(run, summary);
      if (!commit) return;
      run.models.set(summary.roundNumber, { hash: commit.modelHash, optimiserHash: commit.optimiserHash });
      for (const { clientId, updateHash } of commit.accepted) {
        run.contributions.set(clientId, {
          acceptedUpdates: (run.contributions.get(clientId)?.acceptedUpdates ?? 0) + 1,
          lastRoundNumber: summary.roundNumber,
          lastUpdateHash: updateHash,
        });
      }
    },
    async recordEvaluation(runId, roundNumber, { accuracy, loss }) {
      const run = kept(runId);
      run.revision += 1;
      const round = run.rounds.get(roundNumber);
      if (round) changeRound(run, { ...round.summary, validationAccuracy: accuracy, validationLoss: loss });
    },
    async recordRollBack(runId, { state, tally, toRound, optimiserHash }) {
      const run = kept(runId);
      update(run, { state, tally, optimiserHash });
      run.revision += 1;
      for (const summary of roundsOf(run)) {
        if (summary.roundNumber > toRound && !summary.isSuperseded)
          changeRound(run, { ...summary, isSuperseded: true });
      }
    },
    rounds: async (runId, since = 0) =>
      [...kept(runId).rounds.values()]
        .filter(({ revision }) => revision > since)
        .map(({ summary }) => structuredClone(summary)),
    async progress(runId) {
      const run = kept(runId);
      const measured = roundsOf(run).findLast(
        (round) =>
          !round.isSuperseded && (round.validationAccuracy !== null || round.participantAccuracy !== null),
      );
      return {
        revision: run.revision,
        totals: structuredClone(run.totals),
        accuracy: measured?.validationAccuracy ?? measured?.participantAccuracy ?? null,
      };
    },
    async modelAfter(runId, round) {
      const run = kept(runId);
      const roundNumber = round === 'newest' ? newestModel(run) : round;
      const model = run.models.get(roundNumber);
      if (!model) return null;
      const leading = roundsOf(run).filter(
        (round) => round.outcome === 'committed' && !round.isSuperseded && round.roundNumber <= roundNumber,
      );
      return {
        roundNumber,
        modelHash: model.hash,
        optimiserHash: model.optimiserHash,
        committedRounds: leading.length,
        isSuperseded: run.rounds.get(roundNumber)?.summary.isSuperseded ?? false,
      };
    },
    newestModels: async (runId, count) =>
      [...kept(runId).models.entries()]
        .sort(([left], [right]) => right - left)
        .slice(0, count)
        .map(([, { hash }]) => hash),
    async contributions(runId, clientIds) {
      const all = runs.get(runId)?.contributions;
      return new Map([...(all ?? [])].filter(([clientId]) => clientIds.includes(clientId)));
    },
    contributors: async (runId) => runs.get(runId)?.contributions.size ?? 0,
    contributionOf: async (runId, clientId) => runs.get(runId)?.contributions.get(clientId) ?? null,
    isModel: async (hash) =>
      [...runs.values()].some((run) => [...run.models.values()].some((model) => model.hash === hash)),
  };
}
