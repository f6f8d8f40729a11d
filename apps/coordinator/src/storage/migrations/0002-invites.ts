/** Invites, and which devices came in by each. */
import type { Kysely, Migration } from 'kysely';

export const invites: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('invites')
      .addColumn('invite_id', 'text', (column) => column.primaryKey())
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.run_id'))
      .addColumn('label', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('maximum_devices', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .execute();
    await db.schema
      .createTable('admissions')
      .addColumn('invite_id', 'text', (column) => column.notNull().references('invites.invite_id'))
      .addColumn('client_id', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('admissions_key', ['invite_id', 'client_id'])
      .execute();
  },
};
