/** The port to the coordinator's memory of invites, and of the devices that each of them let in. */
import type { ClientId, Instant, RunId } from '@tributary/fl-core';

export interface StoredInvite {
  readonly inviteId: string;
  readonly runId: RunId;
  readonly label: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** Null for any number. */
  readonly maximumDevices: number | null;
  readonly revokedAt: Instant | null;
}

export interface Admission {
  readonly inviteId: string;
  readonly clientId: ClientId;
}

/** Every promise resolves when its change would survive a power cut. */
export interface InviteStore {
  createInvite(invite: StoredInvite): Promise<void>;
  /** Newest first. */
  invites(): Promise<readonly StoredInvite[]>;
  /** The first revocation counts; a later one changes nothing. */
  revokeInvite(inviteId: string, at: Instant): Promise<void>;
  /**
   * Lets devices in, all in one transaction and one after another: each counts once for its invite, however often it
   * comes, and none beyond the invite's limit.
   * @returns for each whether it is in
   */
  admit(admissions: readonly Admission[]): Promise<readonly boolean[]>;
  /** Devices let in so far, by invite; those that let nobody in yet are missing. */
  deviceCounts(runId: RunId): Promise<ReadonlyMap<string, number>>;
}
