/**
 * Who is let into a run: an invite is a link with a label, an end, perhaps a limit of devices, and it can be revoked.
 * Its admission ticket is signed and names it, so that the invite behind a ticket is looked up, never believed.
 */
import { randomBytes } from 'node:crypto';
import {
  type ClientId,
  type Instant,
  type Invite,
  instant,
  type RunId,
  TributaryError,
} from '@tributary/fl-core';
import { type AdmissionGrant, expired, type Tickets } from '../auth/tickets.ts';
import type { InviteStore, StoredInvite } from '../storage/invite-store.ts';
import { batched } from './batched.ts';

export interface InviteTerms {
  readonly label: string;
  readonly validHours: number;
  readonly maximumDevices: number | null;
}

export interface Invites {
  create(runId: RunId, terms: InviteTerms): Promise<Invite>;
  /** The newest with this label that is good for at least half of its time yet; a new one when there is none. */
  standing(runId: RunId, terms: InviteTerms): Promise<Invite>;
  /** Newest first. */
  list(runId: RunId): Promise<readonly Invite[]>;
  /** New check-ins are refused from now on; whoever is in a round may finish it. */
  revoke(runId: RunId, inviteId: string): Promise<Invite>;
  /** @throws TributaryError `ticket-invalid`, `ticket-expired`, `invite-revoked` */
  read(ticket: string): Promise<AdmissionGrant>;
  /**
   * Counts a device, once and durably. One that was let in before may always come back.
   * @throws TributaryError `invite-exhausted`
   */
  admit(inviteId: string, clientId: ClientId): Promise<void>;
  /**
   * Tells, once, when this invite is taken back; until the function that is returned is called.
   * @throws TributaryError `invite-revoked` when it has been already
   */
  watch(inviteId: string, onRevoked: () => void): () => void;
}

const MS_PER_HOUR = 3_600_000;
/** Nobody notices so much more at a check-in. */
const GATHER_MS = 50;

export async function openInvites(parts: {
  readonly store: InviteStore;
  readonly tickets: Tickets;
  /** Link with this ticket in its fragment. */
  readonly linkTo: (ticket: string) => string;
  readonly now?: () => Instant;
}): Promise<Invites> {
  const { store, tickets, linkTo, now = () => instant(Date.now()) } = parts;
  const known = new Map((await store.invites()).map((invite) => [invite.inviteId, invite]));
  // A disk can make a few hundred changes durable in a second, and a newsletter brings more people than that.
  const admitTogether = batched(store.admit, GATHER_MS);
  /** Invites by tickets that were verified: all who come by one link bring the same ticket. */
  const verified = new Map<string, string>();

  const watchers = new Map<string, Set<() => void>>();

  const grantOf = async (ticket: string): Promise<AdmissionGrant> => {
    const invite = known.get(verified.get(ticket) ?? '');
    if (!invite) return tickets.readAdmission(ticket);
    if (invite.expiresAt <= now()) throw expired();
    return invite;
  };

  const describe = async (invite: StoredInvite, devices: number): Promise<Invite> => {
    const { runId: _, ...described } = invite;
    return { ...described, joinUrl: linkTo(await tickets.admission(invite)), devices };
  };

  const create: Invites['create'] = async (runId, { label, validHours, maximumDevices }) => {
    const createdAt = now();
    const invite: StoredInvite = {
      inviteId: `invite-${randomBytes(6).toString('hex')}`,
      runId,
      label,
      createdAt,
      expiresAt: instant(Math.round(createdAt + validHours * MS_PER_HOUR)),
      maximumDevices,
      revokedAt: null,
    };
    await store.createInvite(invite);
    known.set(invite.inviteId, invite);
    return describe(invite, 0);
  };

  const list: Invites['list'] = async (runId) => {
    const counts = await store.deviceCounts(runId);
    const ofRun = (await store.invites()).filter((invite) => invite.runId === runId);
    return Promise.all(ofRun.map((invite) => describe(invite, counts.get(invite.inviteId) ?? 0)));
  };

  return {
    create,
    list,
    async standing(runId, terms) {
      const goodUntil = now() + (terms.validHours * MS_PER_HOUR) / 2;
      const standing = (await list(runId)).find(
        ({ label, revokedAt, expiresAt }) =>
          label === terms.label && revokedAt === null && expiresAt >= goodUntil,
      );
      return standing ?? create(runId, terms);
    },
    async revoke(runId, inviteId) {
      const invite = known.get(inviteId);
      if (invite?.runId !== runId) throw new TributaryError('not-found', 'this run has no such invite');
      const revoked = { ...invite, revokedAt: invite.revokedAt ?? now() };
      await store.revokeInvite(inviteId, revoked.revokedAt);
      known.set(inviteId, revoked);
      const told = watchers.get(inviteId) ?? [];
      watchers.delete(inviteId);
      for (const onRevoked of told) onRevoked();
      return describe(revoked, (await store.deviceCounts(runId)).get(inviteId) ?? 0);
    },
    async read(ticket) {
      const grant = await grantOf(ticket);
      const invite = known.get(grant.inviteId);
      if (invite?.runId !== grant.runId)
        throw new TributaryError('ticket-invalid', 'this ticket is not valid here');
      // Whoever has it can write one ticket in many ways (spaces in its signature, bits that mean nothing); only one is kept.
      if (!verified.has(ticket) && ticket === (await tickets.admission(invite)))
        verified.set(ticket, invite.inviteId);
      if (invite.revokedAt !== null) throw inviteRevoked();
      return grant;
    },
    async admit(inviteId, clientId) {
      if (await admitTogether({ inviteId, clientId })) return;
      throw new TributaryError('invite-exhausted', 'as many devices as this invite allows have joined');
    },
    watch(inviteId, onRevoked) {
      if (known.get(inviteId)?.revokedAt != null) throw inviteRevoked();
      const watching = watchers.get(inviteId) ?? new Set();
      watchers.set(inviteId, watching.add(onRevoked));
      return () => {
        watching.delete(onRevoked);
        if (watching.size === 0 && watchers.get(inviteId) === watching) watchers.delete(inviteId);
      };
    },
  };
}

export function inviteRevoked(): TributaryError {
  return new TributaryError('invite-revoked', 'this invite was taken back; ask for a new link');
}
