/** The run store in SQLite. */

import type { BlobHash, ClientId, Instant, RoundSummary, RunId } from '@tributary/fl-core';
import type { Kysely, Transaction } from 'kysely';
import {
  type AcceptedUpdate,
  type Contribution,
  emptyTally,
  type RunStore,
  type StoredRun,
} from './run-store.ts';
import type { Tables } from './schema.ts';

const OPERATOR_TOKEN = 'operator-token';

export function sqliteRunStore(db: Kysely<Tables>): RunStore {
  return {
    async createRun(run) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('runs')
          .values({
            run_id: run.runId,
            created_at: run.createdAt,
            manifest: JSON.stringify(run.manifest),
            state: JSON.stringify(run.state),
            tally: JSON.stringify(run.tally),
            optimiser_hash: run.optimiserHash,
          })
          .execute();
        await insertModel(transaction, { hash: run.state.modelHash, run_id: run.runId, round_number: 0 });
      });
    },

    async runs() {
      const rows = await db.selectFrom('runs').selectAll().orderBy('created_at').orderBy('run_id').execute();
      return rows.map(
        (row): StoredRun => ({
          runId: row.run_id as RunId,
          createdAt: row.created_at as Instant,
          manifest: JSON.parse(row.manifest),
          state: JSON.parse(row.state),
          tally: JSON.parse(row.tally),
          optimiserHash: row.optimiser_hash as BlobHash | null,
        }),
      );
    },

    async saveState(runId, state, tally) {
      await db
        .updateTable('runs')
        .set({ state: JSON.stringify(state), tally: JSON.stringify(tally) })
        .where('run_id', '=', runId)
        .executeTakeFirstOrThrow();
    },

    async recordRound(runId, { state, summary, commit }) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('runs')
          .set({
            state: JSON.stringify(state),
            tally: JSON.stringify(emptyTally()),
            ...(commit && { optimiser_hash: commit.optimiserHash }),
          })
          .where('run_id', '=', runId)
          .execute();
        const { validationAccuracy, validationLoss, ...rest } = summary;
        await transaction
          .insertInto('rounds')
          .values({
            run_id: runId,
            round_number: summary.roundNumber,
            summary: JSON.stringify(rest),
            validation_accuracy: validationAccuracy,
            validation_loss: validationLoss,
          })
          .execute();
        if (!commit) return;
        await insertModel(transaction, {
          hash: commit.modelHash,
          run_id: runId,
          round_number: summary.roundNumber,
        });
        for (const update of commit.accepted) {
          await addContribution(transaction, { runId, roundNumber: summary.roundNumber, update });
        }
      });
    },

    async recordEvaluation(runId, roundNumber, { accuracy, loss }) {
      await db
        .updateTable('rounds')
        .set({ validation_accuracy: accuracy, validation_loss: loss })
        .where('run_id', '=', runId)
        .where('round_number', '=', roundNumber)
        .execute();
    },

    async rounds(runId) {
      const rows = await db
        .selectFrom('rounds')
        .selectAll()
        .where('run_id', '=', runId)
        .orderBy('round_number')
        .execute();
      return rows.map(
        (row): RoundSummary => ({
          ...JSON.parse(row.summary),
          validationAccuracy: row.validation_accuracy,
          validationLoss: row.validation_loss,
        }),
      );
    },

    async contributions(runId) {
      const rows = await db.selectFrom('contributions').selectAll().where('run_id', '=', runId).execute();
      return new Map(rows.map((row) => [row.client_id as ClientId, contributionFrom(row)]));
    },

    async contributionOf(runId, clientId) {
      const row = await db
        .selectFrom('contributions')
        .selectAll()
        .where('run_id', '=', runId)
        .where('client_id', '=', clientId)
        .executeTakeFirst();
      return row ? contributionFrom(row) : null;
    },

    async isModel(hash) {
      const row = await db
        .selectFrom('models')
        .select('hash')
        .where('hash', '=', hash)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },

    async operatorTokenHash() {
      const row = await db
        .selectFrom('secrets')
        .select('hash')
        .where('name', '=', OPERATOR_TOKEN)
        .executeTakeFirst();
      return row?.hash ?? null;
    },

    async saveOperatorTokenHash(hash) {
      await db
        .insertInto('secrets')
        .values({ name: OPERATOR_TOKEN, hash })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ hash }))
        .execute();
    },

    async saveSession(hash, expiresAt) {
      await db.insertInto('sessions').values({ hash, expires_at: expiresAt }).execute();
    },

    async isSession(hash, at) {
      await db.deleteFrom('sessions').where('hash', '=', hash).where('expires_at', '<=', at).execute();
      const row = await db.selectFrom('sessions').select('hash').where('hash', '=', hash).executeTakeFirst();
      return row !== undefined;
    },

    async deleteSession(hash) {
      await db.deleteFrom('sessions').where('hash', '=', hash).execute();
    },

    async deleteAllSessions() {
      await db.deleteFrom('sessions').execute();
    },
  };
}

function contributionFrom(row: Tables['contributions']): Contribution {
  return {
    acceptedUpdates: row.accepted_updates,
    lastRoundNumber: row.last_round_number,
    lastUpdateHash: row.last_update_hash as BlobHash,
  };
}

async function insertModel(db: Transaction<Tables>, model: Tables['models']): Promise<void> {
  await db.insertInto('models').values(model).execute();
}

async function addContribution(
  db: Transaction<Tables>,
  { runId, roundNumber, update }: { runId: RunId; roundNumber: number; update: AcceptedUpdate },
): Promise<void> {
  await db
    .insertInto('contributions')
    .values({
      run_id: runId,
      client_id: update.clientId,
      accepted_updates: 1,
      last_round_number: roundNumber,
      last_update_hash: update.updateHash,
    })
    .onConflict((conflict) =>
      conflict.columns(['run_id', 'client_id']).doUpdateSet((row) => ({
        accepted_updates: row('contributions.accepted_updates', '+', 1),
        last_round_number: roundNumber,
        last_update_hash: update.updateHash,
      })),
    )
    .execute();
}
