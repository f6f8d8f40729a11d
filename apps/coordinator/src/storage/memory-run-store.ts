/** The run store in memory, for tests and throw-away coordinators. Stored values are copies, as in a database. */
import type { BlobHash, ClientId, RoundSummary, RunId } from '@tributary/fl-core';
import { type Contribution, emptyTally, type RunStore, type StoredRun } from './run-store.ts';

export function openMemoryRunStore(): RunStore {
  const runs = new Map<RunId, StoredRun>();
  const rounds = new Map<RunId, RoundSummary[]>();
  const contributions = new Map<RunId, Map<ClientId, Contribution>>();
  const models = new Set<BlobHash>();
  const sessions = new Map<string, number>();
  let operatorTokenHash: string | null = null;

  const update = (runId: RunId, change: Partial<StoredRun>): void => {
    const run = runs.get(runId);
    if (!run) throw new Error(`run ${runId} was never created`);
    runs.set(runId, structuredClone({ ...run, ...change }));
  };

  return {
    async createRun(run) {
      if (runs.has(run.runId)) throw new Error(`run ${run.runId} exists`);
      runs.set(run.runId, structuredClone(run));
      rounds.set(run.runId, []);
      contributions.set(run.runId, new Map());
      models.add(run.state.modelHash);
    },
    runs: async () => [...runs.values()].map((run) => structuredClone(run)),
    saveState: async (runId, state, tally) => update(runId, { state, tally }),
    async recordRound(runId, { state, summary, commit }) {
      if (rounds.get(runId)?.some((round) => round.roundNumber === summary.roundNumber)) {
        throw new Error(`round ${summary.roundNumber} of ${runId} is recorded`);
      }
      update(runId, {
        state,
        tally: emptyTally(),
        ...(commit && { optimiserHash: commit.optimiserHash }),
      });
      rounds.get(runId)!.push({ ...summary });
      if (!commit) return;
      models.add(commit.modelHash);
      const counts = contributions.get(runId)!;
      for (const { clientId, updateHash } of commit.accepted) {
        counts.set(clientId, {
          acceptedUpdates: (counts.get(clientId)?.acceptedUpdates ?? 0) + 1,
          lastRoundNumber: summary.roundNumber,
          lastUpdateHash: updateHash,
        });
      }
    },
    async recordEvaluation(runId, roundNumber, { accuracy, loss }) {
      const all = rounds.get(runId) ?? [];
      const index = all.findIndex((round) => round.roundNumber === roundNumber);
      if (index >= 0) all[index] = { ...all[index]!, validationAccuracy: accuracy, validationLoss: loss };
    },
    rounds: async (runId) => structuredClone(rounds.get(runId) ?? []),
    contributions: async (runId) => new Map(contributions.get(runId)),
    contributionOf: async (runId, clientId) => contributions.get(runId)?.get(clientId) ?? null,
    isModel: async (hash) => models.has(hash),

    operatorTokenHash: async () => operatorTokenHash,
    async saveOperatorTokenHash(hash) {
      operatorTokenHash = hash;
    },
    saveSession: async (hash, expiresAt) => void sessions.set(hash, expiresAt),
    isSession: async (hash, at) => (sessions.get(hash) ?? 0) > at,
    deleteSession: async (hash) => void sessions.delete(hash),
    deleteAllSessions: async () => sessions.clear(),
  };
}
