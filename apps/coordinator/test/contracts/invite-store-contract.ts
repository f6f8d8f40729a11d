/** What every invite store must do. */
import type { ClientId, Instant, RunId } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import type { InviteStore, StoredInvite } from '../../src/storage/invite-store.ts';
import type { RunStore } from '../../src/storage/run-store.ts';
import { storedRun } from './run-store-contract.ts';

const RUN = 'run-one' as RunId;
const device = (index: number): ClientId => index.toString(16).padStart(32, '0') as ClientId;

function invite(inviteId: string, change: Partial<StoredInvite> = {}): StoredInvite {
  return {
    inviteId,
    runId: RUN,
    label: `for ${inviteId}`,
    createdAt: 1_795_000_000_000 as Instant,
    expiresAt: 1_795_000_900_000 as Instant,
    maximumDevices: null,
    revokedAt: null,
    ...change,
  };
}

export function inviteStoreContract(
  name: string,
  open: () => Promise<{ runs: RunStore; invites: InviteStore }>,
): void {
  const openWithRuns = async (...stored: StoredInvite[]): Promise<InviteStore> => {
    const { runs, invites } = await open();
    await runs.createRun(storedRun(RUN));
    await runs.createRun(storedRun('run-two'));
    for (const each of stored) await invites.createInvite(each);
    return invites;
  };

  describe(`invite store: ${name}`, () => {
    test('gives back what was stored, newest first', async () => {
      const older = invite('invite-a', { maximumDevices: 3 });
      const newer = invite('invite-b', {
        createdAt: 1_795_000_000_001 as Instant,
        runId: 'run-two' as RunId,
      });
      const store = await openWithRuns(older, newer);
      expect(await store.invites()).toEqual([newer, older]);
    });

    test('does not store two invites under one id', async () => {
      const store = await openWithRuns(invite('invite-a'));
      await expect(store.createInvite(invite('invite-a'))).rejects.toThrow();
    });

    test('keeps the first revocation', async () => {
      const store = await openWithRuns(invite('invite-a'), invite('invite-b'));
      await store.revokeInvite('invite-a', 5 as Instant);
      await store.revokeInvite('invite-a', 6 as Instant);
      const revoked = new Map((await store.invites()).map((each) => [each.inviteId, each.revokedAt]));
      expect(revoked).toEqual(
        new Map([
          ['invite-a', 5],
          ['invite-b', null],
        ]),
      );
    });

    test('counts a device once, and lets it back in when the invite is full', async () => {
      const store = await openWithRuns(invite('invite-a', { maximumDevices: 2 }));
      const admit = (...devices: number[]) =>
        store.admit(devices.map((index) => ({ inviteId: 'invite-a', clientId: device(index) })));
      expect(await admit(1)).toEqual([true]);
      expect(await admit(1)).toEqual([true]);
      expect(await admit(2, 3)).toEqual([true, false]);
      expect(await admit(3, 1, 2)).toEqual([false, true, true]);
      expect(await store.deviceCounts(RUN)).toEqual(new Map([['invite-a', 2]]));
    });

    test('counts a device once that comes several times at once', async () => {
      const store = await openWithRuns(invite('invite-a', { maximumDevices: 2 }));
      const asked = [1, 1, 2, 1, 3].map((index) => ({ inviteId: 'invite-a', clientId: device(index) }));
      expect(await store.admit(asked)).toEqual([true, true, true, true, false]);
    });

    test('counts for each invite by itself', async () => {
      const store = await openWithRuns(
        invite('invite-a', { maximumDevices: 1 }),
        invite('invite-b'),
        invite('invite-c', { runId: 'run-two' as RunId }),
        invite('invite-d'),
      );
      const asked = ['invite-a', 'invite-b', 'invite-c'].flatMap((inviteId) =>
        [1, 2].map((index) => ({ inviteId, clientId: device(index) })),
      );
      expect(await store.admit(asked)).toEqual([true, false, true, true, true, true]);
      expect(await store.deviceCounts(RUN)).toEqual(
        new Map([
          ['invite-a', 1],
          ['invite-b', 2],
        ]),
      );
    });

    test('lets a thousand in at once, and one more in two requests at once', async () => {
      const store = await openWithRuns(invite('invite-a', { maximumDevices: 1001 }));
      const asked = Array.from({ length: 1000 }, (_, index) => ({
        inviteId: 'invite-a',
        clientId: device(index),
      }));
      expect((await store.admit(asked)).every(Boolean)).toBe(true);
      const late = [2000, 2001].map((index) =>
        store.admit([{ inviteId: 'invite-a', clientId: device(index) }]),
      );
      expect((await Promise.all(late)).flat().filter(Boolean)).toHaveLength(1);
      expect(await store.deviceCounts(RUN)).toEqual(new Map([['invite-a', 1001]]));
    });

    test('an invite that it does not know lets nobody in', async () => {
      const store = await openWithRuns();
      await expect(store.admit([{ inviteId: 'invite-x', clientId: device(1) }])).rejects.toThrow();
    });
  });
}
