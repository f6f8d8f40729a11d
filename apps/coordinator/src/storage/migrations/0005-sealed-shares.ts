/** Shares that members of the round in progress sealed for each other. */
import type { Kysely, Migration } from 'kysely';

export const sealedShares: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('sealed_shares')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.run_id'))
      .addColumn('round_number', 'bigint', (column) => column.notNull())
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addColumn('shares', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('sealed_shares_key', ['run_id', 'round_number', 'client_id'])
      .execute();
  },
};
