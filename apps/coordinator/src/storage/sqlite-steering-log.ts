/** The steering log in SQLite. */
import type { SteeringEntry } from '@tributary/fl-core';
import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';
import type { SteeringLog } from './steering-log.ts';

export function sqliteSteeringLog(db: Kysely<Tables>): SteeringLog {
  return {
    append: (runId, { at, operatorName, action, detail }) =>
      db.transaction().execute(async (transaction) => {
        const last = await transaction
          .selectFrom('steering')
          .select((row) => row.fn.max('entry_number').as('number'))
          .where('run_id', '=', runId)
          .executeTakeFirst();
        const entry = { run_id: runId, entry_number: (last?.number ?? 0) + 1 };
        await transaction
          .insertInto('steering')
          .values({ ...entry, at, operator_name: operatorName, action, detail })
          .execute();
      }),

    async entries(runId) {
      const rows = await db
        .selectFrom('steering')
        .selectAll()
        .where('run_id', '=', runId)
        .orderBy('entry_number', 'desc')
        .execute();
      return rows.map((row) => ({
        at: row.at,
        operatorName: row.operator_name,
        action: row.action as SteeringEntry['action'],
        detail: row.detail,
      }));
    },
  };
}
