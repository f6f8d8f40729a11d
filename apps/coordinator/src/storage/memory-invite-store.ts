/** The invite store in memory, for tests and throw-away coordinators. */
import type { ClientId } from '@tributary/fl-core';
import type { InviteStore, StoredInvite } from './invite-store.ts';

export function openMemoryInviteStore(): InviteStore {
  const invites = new Map<string, StoredInvite>();
  const devices = new Map<string, Set<ClientId>>();

  const storedInvite = (inviteId: string): StoredInvite => {
    const invite = invites.get(inviteId);
    if (!invite) throw new Error(`invite ${inviteId} was never created`);
    return invite;
  };

  return {
    async createInvite(invite) {
      if (invites.has(invite.inviteId)) throw new Error(`invite ${invite.inviteId} exists`);
      invites.set(invite.inviteId, { ...invite });
      devices.set(invite.inviteId, new Set());
    },
    invites: async () =>
      [...invites.values()]
        .map((invite) => ({ ...invite }))
        .sort((left, right) => right.createdAt - left.createdAt || (left.inviteId < right.inviteId ? 1 : -1)),
    async revokeInvite(inviteId, at) {
      const invite = storedInvite(inviteId);
      invites.set(inviteId, { ...invite, revokedAt: invite.revokedAt ?? at });
    },
    async admit(admissions) {
      return admissions.map(({ inviteId, clientId }) => {
        const { maximumDevices } = storedInvite(inviteId);
        const inside = devices.get(inviteId)!;
        const isIn = inside.has(clientId) || inside.size < (maximumDevices ?? Number.POSITIVE_INFINITY);
        if (isIn) inside.add(clientId);
        return isIn;
      });
    },
    async deviceCounts(runId) {
      const counts = [...invites.values()]
        .filter((invite) => invite.runId === runId)
        .map(({ inviteId }) => [inviteId, devices.get(inviteId)!.size] as const);
      return new Map(counts.filter(([, count]) => count > 0));
    },
  };
}
