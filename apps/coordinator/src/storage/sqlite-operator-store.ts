/** Operators and sessions in SQLite. */
import type { Instant, OperatorRole } from '@tributary/fl-core';
import type { Kysely, Selectable } from 'kysely';
import type { OperatorStore, StoredOperator } from './operator-store.ts';
import type { Tables } from './schema.ts';

export function sqliteOperatorStore(db: Kysely<Tables>): OperatorStore {
  return {
    async operators() {
      const rows = await db
        .selectFrom('operators')
        .selectAll()
        .orderBy('created_at')
        .orderBy('operator_id')
        .execute();
      return rows.map(operatorFrom);
    },

    async createOperator({ operatorId, name, role, tokenHash, createdAt, lastSeenAt }) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('operators')
        .values({
          operator_id: operatorId,
          name,
          role,
          token_hash: tokenHash,
          created_at: createdAt,
          last_seen_at: lastSeenAt,
        })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    async operatorByToken(tokenHash) {
      const row = await db
        .selectFrom('operators')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .executeTakeFirst();
      return row ? operatorFrom(row) : null;
    },

    replaceToken: (operatorId, tokenHash) =>
      db.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('operators')
          .set({ token_hash: tokenHash })
          .where('operator_id', '=', operatorId)
          .executeTakeFirst();
        await transaction.deleteFrom('sessions').where('operator_id', '=', operatorId).execute();
        return numUpdatedRows === 1n;
      }),

    removeOperator: (operatorId) =>
      db.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('operators')
          .select('role')
          .where('operator_id', '=', operatorId)
          .executeTakeFirst();
        if (!row) return 'unknown';
        const owners = await transaction
          .selectFrom('operators')
          .select('operator_id')
          .where('role', '=', 'owner')
          .execute();
        if (row.role === 'owner' && owners.length === 1) return 'last-owner';
        await transaction.deleteFrom('sessions').where('operator_id', '=', operatorId).execute();
        await transaction.deleteFrom('operators').where('operator_id', '=', operatorId).execute();
        return 'removed';
      }),

    async operatorSeen(operatorId, at) {
      await db
        .updateTable('operators')
        .set({ last_seen_at: at })
        .where('operator_id', '=', operatorId)
        .execute();
    },

    async openSession({ hash, operatorId, openedAt, lastSeenAt }) {
      await db
        .insertInto('sessions')
        .values({ hash, operator_id: operatorId, opened_at: openedAt, last_seen_at: lastSeenAt })
        .execute();
    },

    async sessionOf(hash, { openedAfter, seenAfter }) {
      const row = await db
        .selectFrom('sessions')
        .innerJoin('operators', 'operators.operator_id', 'sessions.operator_id')
        .selectAll('operators')
        .select(['sessions.opened_at as opened_at', 'sessions.last_seen_at as session_seen_at'])
        .where('sessions.hash', '=', hash)
        .where('sessions.opened_at', '>', openedAfter)
        .where('sessions.last_seen_at', '>', seenAfter)
        .executeTakeFirst();
      if (!row) return null;
      const session = {
        hash,
        operatorId: row.operator_id,
        openedAt: row.opened_at as Instant,
        lastSeenAt: row.session_seen_at as Instant,
      };
      return { session, operator: operatorFrom(row) };
    },

    async sessionSeen(hash, at) {
      await db.updateTable('sessions').set({ last_seen_at: at }).where('hash', '=', hash).execute();
    },

    async endSession(hash) {
      await db.deleteFrom('sessions').where('hash', '=', hash).execute();
    },

    async sweepSessions({ openedAfter, seenAfter }) {
      await db
        .deleteFrom('sessions')
        .where((row) => row.or([row('opened_at', '<=', openedAfter), row('last_seen_at', '<=', seenAfter)]))
        .execute();
    },
  };
}

function operatorFrom(row: Selectable<Tables['operators']>): StoredOperator {
  return {
    operatorId: row.operator_id,
    name: row.name,
    role: row.role as OperatorRole,
    tokenHash: row.token_hash,
    createdAt: row.created_at as Instant,
    lastSeenAt: row.last_seen_at as Instant | null,
  };
}
