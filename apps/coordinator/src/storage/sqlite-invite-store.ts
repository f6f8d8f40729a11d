/** The invite store in SQLite. */
import type { ClientId, Instant, RunId } from '@tributary/fl-core';
import type { Kysely, Transaction } from 'kysely';
import { inParts } from './in-parts.ts';
import type { InviteStore, StoredInvite } from './invite-store.ts';
import type { Tables } from './schema.ts';

export function sqliteInviteStore(db: Kysely<Tables>): InviteStore {
  return {
    async createInvite(invite) {
      await db
        .insertInto('invites')
        .values({
          invite_id: invite.inviteId,
          run_id: invite.runId,
          label: invite.label,
          created_at: invite.createdAt,
          expires_at: invite.expiresAt,
          maximum_devices: invite.maximumDevices,
          revoked_at: invite.revokedAt,
        })
        .execute();
    },

    async invites() {
      const rows = await db
        .selectFrom('invites')
        .selectAll()
        .orderBy('created_at', 'desc')
        .orderBy('invite_id', 'desc')
        .execute();
      return rows.map(inviteFrom);
    },

    async revokeInvite(inviteId, at) {
      await db
        .updateTable('invites')
        .set({ revoked_at: at })
        .where('invite_id', '=', inviteId)
        .where('revoked_at', 'is', null)
        .execute();
    },

    admit: (admissions) =>
      db.transaction().execute(async (transaction) => {
        const verdicts = new Map<string, Map<ClientId, boolean>>();
        for (const [inviteId, clientIds] of byInvite(admissions))
          verdicts.set(inviteId, await admitBy(transaction, inviteId, clientIds));
        return admissions.map(({ inviteId, clientId }) => verdicts.get(inviteId)!.get(clientId)!);
      }),

    async deviceCounts(runId) {
      const rows = await db
        .selectFrom('admissions')
        .innerJoin('invites', 'invites.invite_id', 'admissions.invite_id')
        .where('run_id', '=', runId)
        .groupBy('admissions.invite_id')
        .select(({ fn }) => ['admissions.invite_id as inviteId', fn.countAll<number>().as('devices')])
        .execute();
      return new Map(rows.map(({ inviteId, devices }) => [inviteId, devices]));
    },
  };
}

async function admitBy(
  db: Transaction<Tables>,
  inviteId: string,
  clientIds: readonly ClientId[],
): Promise<Map<ClientId, boolean>> {
  const { maximum_devices: maximum } = await db
    .selectFrom('invites')
    .select('maximum_devices')
    .where('invite_id', '=', inviteId)
    .executeTakeFirstOrThrow();
  const inside = await alreadyIn(db, inviteId, clientIds);
  const outside = clientIds.filter((clientId) => !inside.has(clientId));
  const room = maximum === null ? outside.length : maximum - (await countDevices(db, inviteId));
  const admitted = outside.slice(0, Math.max(0, room));
  for (const some of inParts(admitted)) {
    await db
      .insertInto('admissions')
      .values(some.map((clientId) => ({ invite_id: inviteId, client_id: clientId })))
      .execute();
  }
  const isIn = new Set([...inside, ...admitted]);
  return new Map(clientIds.map((clientId) => [clientId, isIn.has(clientId)]));
}

async function alreadyIn(
  db: Transaction<Tables>,
  inviteId: string,
  clientIds: readonly ClientId[],
): Promise<Set<ClientId>> {
  const inside = new Set<ClientId>();
  for (const some of inParts(clientIds)) {
    const rows = await db
      .selectFrom('admissions')
      .select('client_id')
      .where('invite_id', '=', inviteId)
      .where('client_id', 'in', some)
      .execute();
    for (const row of rows) inside.add(row.client_id as ClientId);
  }
  return inside;
}

async function countDevices(db: Transaction<Tables>, inviteId: string): Promise<number> {
  const { devices } = await db
    .selectFrom('admissions')
    .select(({ fn }) => fn.countAll<number>().as('devices'))
    .where('invite_id', '=', inviteId)
    .executeTakeFirstOrThrow();
  return devices;
}

/** Each device once, in the order in which they came. */
function byInvite(
  admissions: readonly { readonly inviteId: string; readonly clientId: ClientId }[],
): Map<string, ClientId[]> {
  const grouped = new Map<string, Set<ClientId>>();
  for (const { inviteId, clientId } of admissions) {
    const clientIds = grouped.get(inviteId) ?? new Set();
    grouped.set(inviteId, clientIds.add(clientId));
  }
  return new Map([...grouped].map(([inviteId, clientIds]) => [inviteId, [...clientIds]]));
}

function inviteFrom(row: Tables['invites']): StoredInvite {
  return {
    inviteId: row.invite_id,
    runId: row.run_id as RunId,
    label: row.label,
    createdAt: row.created_at as Instant,
    expiresAt: row.expires_at as Instant,
    maximumDevices: row.maximum_devices,
    revokedAt: row.revoked_at as Instant | null,
  };
}
