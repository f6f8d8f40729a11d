/** The run store in SQLite. */

import {
  type BlobHash,
  type ClientId,
  type Instant,
  manifestSchema,
  type RoundSummary,
  type RunId,
} from '@tributary/fl-core';
import type { Kysely, Transaction } from 'kysely';
import { inParts } from './in-parts.ts';
import { emptyTotals, type RoundTotals, withRound } from './round-totals.ts';
import {
  type AcceptedUpdate,
  type Contribution,
  emptyTally,
  type RunStore,
  type StoredRun,
} from './run-store.ts';
import type { Tables } from './schema.ts';

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
            revision: 0,
            totals: JSON.stringify(emptyTotals()),
          })
          .execute();
        await insertModel(transaction, {
          hash: run.state.modelHash,
          run_id: run.runId,
          round_number: 0,
          optimiser_hash: null,
        });
      });
    },

    async runs() {
      const rows = await db.selectFrom('runs').selectAll().orderBy('created_at').orderBy('run_id').execute();
      return rows.map(
        (row): StoredRun => ({
          runId: row.run_id as RunId,
          createdAt: row.created_at as Instant,
          // A field that came after the run has its default: tabs fill it in, too, and both sides hash all of it.
          manifest: manifestSchema.parse(JSON.parse(row.manifest)),
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
        const { revision, totals } = await advanceRevision(transaction, runId);
        await transaction
          .updateTable('runs')
          .set({
            state: JSON.stringify(state),
            tally: JSON.stringify(emptyTally()),
            totals: JSON.stringify(withRound(totals, summary)),
            ...(commit && { optimiser_hash: commit.optimiserHash }),
          })
          .where('run_id', '=', runId)
          .execute();
        const { validationAccuracy, validationLoss, participantAccuracy, isSuperseded, ...rest } = summary;
        await transaction
          .insertInto('rounds')
          .values({
            run_id: runId,
            round_number: summary.roundNumber,
            summary: JSON.stringify(rest),
            validation_accuracy: validationAccuracy,
            validation_loss: validationLoss,
            participant_accuracy: participantAccuracy,
            is_superseded: Number(isSuperseded),
            revision,
          })
          .execute();
        if (!commit) return;
        await insertModel(transaction, {
          hash: commit.modelHash,
          run_id: runId,
          round_number: summary.roundNumber,
          optimiser_hash: commit.optimiserHash,
        });
        for (const update of commit.accepted) {
          await addContribution(transaction, { runId, roundNumber: summary.roundNumber, update });
        }
      });
    },

    async recordEvaluation(runId, roundNumber, { accuracy, loss }) {
      await db.transaction().execute(async (transaction) => {
        const { revision } = await advanceRevision(transaction, runId);
        await transaction
          .updateTable('rounds')
          .set({ validation_accuracy: accuracy, validation_loss: loss, revision })
          .where('run_id', '=', runId)
          .where('round_number', '=', roundNumber)
          .execute();
      });
    },

    async recordRollBack(runId, { state, tally, toRound, optimiserHash }) {
      await db.transaction().execute(async (transaction) => {
        const { revision } = await advanceRevision(transaction, runId);
        await transaction
          .updateTable('runs')
          .set({
            state: JSON.stringify(state),
            tally: JSON.stringify(tally),
            optimiser_hash: optimiserHash,
          })
          .where('run_id', '=', runId)
          .execute();
        await transaction
          .updateTable('rounds')
          .set({ is_superseded: 1, revision })
          .where('run_id', '=', runId)
          .where('round_number', '>', toRound)
          .where('is_superseded', '=', 0)
          .execute();
      });
    },

    async rounds(runId, since = 0) {
      const rows = await db
        .selectFrom('rounds')
        .selectAll()
        .where('run_id', '=', runId)
        .where('revision', '>', since)
        .orderBy('round_number')
        .execute();
      return rows.map(
        (row): RoundSummary => ({
          ...JSON.parse(row.summary),
          isSuperseded: row.is_superseded === 1,
          validationAccuracy: row.validation_accuracy,
          validationLoss: row.validation_loss,
          participantAccuracy: row.participant_accuracy,
        }),
      );
    },

    async progress(runId) {
      const { revision, totals } = await db
        .selectFrom('runs')
        .select(['revision', 'totals'])
        .where('run_id', '=', runId)
        .executeTakeFirstOrThrow();
      const measured = await db
        .selectFrom('rounds')
        .select(['validation_accuracy', 'participant_accuracy'])
        .where('run_id', '=', runId)
        .where('is_superseded', '=', 0)
        .where((row) =>
          row.or([row('validation_accuracy', 'is not', null), row('participant_accuracy', 'is not', null)]),
        )
        .orderBy('round_number', 'desc')
        .limit(1)
        .executeTakeFirst();
      const accuracy = measured?.validation_accuracy ?? measured?.participant_accuracy ?? null;
      return { revision, totals: JSON.parse(totals), accuracy };
    },

    async modelAfter(runId, round) {
      const model = await db
        .selectFrom('models')
        .leftJoin('rounds', (join) =>
          join
            .onRef('rounds.run_id', '=', 'models.run_id')
            .onRef('rounds.round_number', '=', 'models.round_number'),
        )
        .select(['models.hash', 'models.round_number', 'models.optimiser_hash', 'rounds.is_superseded'])
        .where('models.run_id', '=', runId)
        .$if(round !== 'newest', (query) => query.where('models.round_number', '=', Number(round)))
        .$if(round === 'newest', (query) =>
          query.where((row) => row.or([row('is_superseded', '=', 0), row('models.round_number', '=', 0)])),
        )
        .orderBy('models.round_number', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (!model) return null;
      const { round_number: roundNumber } = model;
      const { committed } = await db
        .selectFrom('models')
        .innerJoin('rounds', (join) =>
          join
            .onRef('rounds.run_id', '=', 'models.run_id')
            .onRef('rounds.round_number', '=', 'models.round_number'),
        )
        .select((row) => row.fn.countAll<number>().as('committed'))
        .where('models.run_id', '=', runId)
        .where('models.round_number', '<=', roundNumber)
        .where('rounds.is_superseded', '=', 0)
        .executeTakeFirstOrThrow();
      return {
        roundNumber,
        modelHash: model.hash as BlobHash,
        optimiserHash: model.optimiser_hash as BlobHash | null,
        committedRounds: committed,
        isSuperseded: model.is_superseded === 1,
      };
    },

    async newestModels(runId, count) {
      const rows = await db
        .selectFrom('models')
        .select('hash')
        .where('run_id', '=', runId)
        .orderBy('round_number', 'desc')
        .limit(count)
        .execute();
      return rows.map(({ hash }) => hash as BlobHash);
    },

    async contributions(runId, clientIds) {
      const found = new Map<ClientId, Contribution>();
      for (const some of inParts(clientIds)) {
        const rows = await db
          .selectFrom('contributions')
          .selectAll()
          .where('run_id', '=', runId)
          .where('client_id', 'in', some)
          .execute();
        for (const row of rows) found.set(row.client_id as ClientId, contributionFrom(row));
      }
      return found;
    },

    async contributors(runId) {
      const { contributors } = await db
        .selectFrom('contributions')
        .select(({ fn }) => fn.countAll<number>().as('contributors'))
        .where('run_id', '=', runId)
        .executeTakeFirstOrThrow();
      return contributors;
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
  };
}

function contributionFrom(row: Tables['contributions']): Contribution {
  return {
    acceptedUpdates: row.accepted_updates,
    lastRoundNumber: row.last_round_number,
    lastUpdateHash: row.last_update_hash as BlobHash,
  };
}

/** The number of the change that is being made, and the sums before it. */
async function advanceRevision(
  db: Transaction<Tables>,
  runId: RunId,
): Promise<{ revision: number; totals: RoundTotals }> {
  const { revision, totals } = await db
    .updateTable('runs')
    .set((row) => ({ revision: row('revision', '+', 1) }))
    .where('run_id', '=', runId)
    .returning(['revision', 'totals'])
    .executeTakeFirstOrThrow();
  return { revision, totals: JSON.parse(totals) };
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
