/** Sealed shares in SQLite. */
import type { ClientId } from '@tributary/fl-core';
import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';
import type { SealedShareStore } from './sealed-share-store.ts';

export function sqliteSealedShareStore(db: Kysely<Tables>): SealedShareStore {
  return {
    async keep({ runId, roundNumber, clientId }, bytes) {
      const shares = Buffer.from(bytes).toString('base64');
      const row = { run_id: runId, round_number: roundNumber, client_id: clientId, shares };
      // One statement: what was there stays, and comes back.
      const kept = await db
        .insertInto('sealed_shares')
        .values(row)
        .onConflict((conflict) =>
          conflict
            .columns(['run_id', 'round_number', 'client_id'])
            .doUpdateSet((earlier) => ({ shares: earlier.ref('sealed_shares.shares') })),
        )
        .returning('shares')
        .executeTakeFirstOrThrow();
      return kept.shares === shares;
    },

    async ofRound(runId, roundNumber) {
      const rows = await db
        .selectFrom('sealed_shares')
        .select(['client_id', 'shares'])
        .where('run_id', '=', runId)
        .where('round_number', '=', roundNumber)
        .execute();
      return new Map(
        rows.map((row) => [row.client_id as ClientId, new Uint8Array(Buffer.from(row.shares, 'base64'))]),
      );
    },

    async deleteAllBut(runId, roundNumber) {
      await db
        .deleteFrom('sealed_shares')
        .where('run_id', '=', runId)
        .$if(roundNumber !== null, (query) => query.where('round_number', '!=', roundNumber))
        .execute();
    },
  };
}
