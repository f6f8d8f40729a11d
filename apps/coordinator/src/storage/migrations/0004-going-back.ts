/**
 * What going back and asking only for changes need: the optimiser state of each model, a revision for each change
 * to a finished round, and sums over the rounds. Rounds of before get them from what was kept; optimiser states of
 * before were not kept with their models, except the newest.
 */
import type { RoundSummary } from '@tributary/fl-core';
import type { Kysely, Migration } from 'kysely';
import { emptyTotals, withRound } from '../round-totals.ts';
import type { Tables } from '../schema.ts';

export const goingBack: Migration = {
  async up(db: Kysely<Tables>) {
    for (const column of ['revision', 'is_superseded'] as const) {
      await db.schema
        .alterTable('rounds')
        .addColumn(column, 'bigint', (made) => made.notNull().defaultTo(0))
        .execute();
    }
    await db.schema.alterTable('rounds').addColumn('participant_accuracy', 'double precision').execute();
    await db.schema.alterTable('models').addColumn('optimiser_hash', 'text').execute();
    await db.schema
      .alterTable('runs')
      .addColumn('revision', 'bigint', (made) => made.notNull().defaultTo(0))
      .execute();
    await db.schema
      .alterTable('runs')
      .addColumn('totals', 'text', (made) => made.notNull().defaultTo(JSON.stringify(emptyTotals())))
      .execute();
    await db.schema.createIndex('rounds_by_revision').on('rounds').columns(['run_id', 'revision']).execute();
    for (const run of await db.selectFrom('runs').select(['run_id', 'optimiser_hash']).execute()) {
      await fillIn(db, run);
    }
  },
};

async function fillIn(
  db: Kysely<Tables>,
  { run_id, optimiser_hash }: { run_id: string; optimiser_hash: string | null },
): Promise<void> {
  let totals = emptyTotals();
  let revision = 0;
  let newestModel = 0;
  const rows = await db
    .selectFrom('rounds')
    .select(['round_number', 'summary'])
    .where('run_id', '=', run_id)
    .orderBy('round_number')
    .execute();
  for (const { round_number, summary } of rows) {
    // What rounds of before did not say.
    const round: RoundSummary = { timeline: [], ...JSON.parse(summary) };
    totals = withRound(totals, round);
    revision += 1;
    if (round.outcome === 'committed') newestModel = round_number;
    await db
      .updateTable('rounds')
      .set({
        summary: JSON.stringify(round),
        revision,
        participant_accuracy: round.participantAccuracy,
      })
      .where('run_id', '=', run_id)
      .where('round_number', '=', round_number)
      .execute();
  }
  await db
    .updateTable('runs')
    .set({ revision, totals: JSON.stringify(totals) })
    .where('run_id', '=', run_id)
    .execute();
  await db
    .updateTable('models')
    .set({ optimiser_hash })
    .where('run_id', '=', run_id)
    .where('round_number', '=', newestModel)
    .execute();
}
