/**
 * Operators with names and roles, and a log of what they do. The one token of before becomes the first owner's;
 * sessions of before belong to nobody and end.
 */
import { randomBytes } from 'node:crypto';
import type { Kysely, Migration } from 'kysely';

interface Before {
  secrets: { name: string; hash: string };
  operators: Record<string, string | number>;
}

export const operators: Migration = {
  async up(db: Kysely<Before>) {
    await db.schema
      .createTable('operators')
      .addColumn('operator_id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('token_hash', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_seen_at', 'bigint')
      .execute();
    const token = await db
      .selectFrom('secrets')
      .select('hash')
      .where('name', '=', 'operator-token')
      .executeTakeFirst();
    if (token) {
      await db
        .insertInto('operators')
        .values({
          operator_id: `op-${randomBytes(4).toString('hex')}`,
          name: 'Owner',
          role: 'owner',
          token_hash: token.hash,
          created_at: Date.now(),
        })
        .execute();
    }
    await db.schema.dropTable('secrets').execute();
    await db.schema.dropTable('sessions').execute();
    await db.schema
      .createTable('sessions')
      .addColumn('hash', 'text', (column) => column.primaryKey())
      .addColumn('operator_id', 'text', (column) => column.notNull().references('operators.operator_id'))
      .addColumn('opened_at', 'bigint', (column) => column.notNull())
      .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('steering')
      .addColumn('run_id', 'text', (column) => column.notNull().references('runs.run_id'))
      .addColumn('entry_number', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('operator_name', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('steering_key', ['run_id', 'entry_number'])
      .execute();
  },
};
