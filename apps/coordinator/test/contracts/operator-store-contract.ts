/** What every operator store must do. */
import type { Instant, OperatorRole } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import type { OperatorStore, StoredOperator } from '../../src/storage/operator-store.ts';

const at = (milliseconds: number): Instant => milliseconds as Instant;
const NO_LIMITS = { openedAfter: at(0), seenAfter: at(0) };

function operator(operatorId: string, role: OperatorRole, createdAt = 1): StoredOperator {
  return {
    operatorId,
    name: `name of ${operatorId}`,
    role,
    tokenHash: `hash of ${operatorId}`,
    createdAt: at(createdAt),
    lastSeenAt: null,
  };
}

export function operatorStoreContract(name: string, open: () => Promise<OperatorStore>): void {
  describe(`operator store: ${name}`, () => {
    test('finds operators by their token, oldest first in the list; no two have one name', async () => {
      const store = await open();
      const [late, early] = [operator('op-a', 'viewer', 9), operator('op-b', 'owner')];
      expect(await store.createOperator(late)).toBe(true);
      expect(await store.createOperator(early)).toBe(true);
      expect(await store.createOperator({ ...operator('op-c', 'owner'), name: late.name })).toBe(false);
      expect(await store.operators()).toEqual([early, late]);
      expect(await store.operatorByToken('hash of op-a')).toEqual(late);
      expect(await store.operatorByToken('another')).toBeNull();
      await store.operatorSeen('op-a', at(77));
      expect(await store.operatorByToken('hash of op-a')).toEqual({ ...late, lastSeenAt: 77 });
    });

    test('a new token ends the old one and the sessions of its operator, and of nobody else', async () => {
      const store = await open();
      await store.createOperator(operator('op-a', 'owner'));
      await store.createOperator(operator('op-b', 'owner'));
      for (const operatorId of ['op-a', 'op-b']) {
        await store.openSession({ hash: operatorId, operatorId, openedAt: at(5), lastSeenAt: at(5) });
      }
      expect(await store.replaceToken('op-a', 'new')).toBe(true);
      expect(await store.operatorByToken('hash of op-a')).toBeNull();
      expect((await store.operatorByToken('new'))?.operatorId).toBe('op-a');
      expect(await store.sessionOf('op-a', NO_LIMITS)).toBeNull();
      expect((await store.sessionOf('op-b', NO_LIMITS))?.operator.operatorId).toBe('op-b');
      expect(await store.replaceToken('op-z', 'other')).toBe(false);
    });

    test('removes an operator with token and sessions, but never the last owner', async () => {
      const store = await open();
      await store.createOperator(operator('op-a', 'owner'));
      await store.createOperator(operator('op-b', 'owner'));
      await store.createOperator(operator('op-c', 'viewer'));
      await store.openSession({ hash: 's', operatorId: 'op-a', openedAt: at(5), lastSeenAt: at(5) });
      expect(await store.removeOperator('op-a')).toBe('removed');
      expect(await store.sessionOf('s', NO_LIMITS)).toBeNull();
      expect(await store.operatorByToken('hash of op-a')).toBeNull();
      expect(await store.removeOperator('op-b')).toBe('last-owner');
      expect(await store.removeOperator('op-c')).toBe('removed');
      expect(await store.removeOperator('op-c')).toBe('unknown');
      expect((await store.operators()).map(({ operatorId }) => operatorId)).toEqual(['op-b']);
    });

    test('a session is there within its limits: since it was opened, and since it was seen', async () => {
      const store = await open();
      await store.createOperator(operator('op-a', 'owner'));
      const session = { hash: 's', operatorId: 'op-a', openedAt: at(100), lastSeenAt: at(100) };
      await store.openSession(session);
      const found = async (openedAfter: number, seenAfter: number) =>
        (await store.sessionOf('s', { openedAfter: at(openedAfter), seenAfter: at(seenAfter) }))?.session ??
        null;
      expect(await found(99, 99)).toEqual(session);
      expect(await found(100, 99)).toBeNull();
      expect(await found(99, 100)).toBeNull();
      await store.sessionSeen('s', at(150));
      expect(await found(99, 149)).toEqual({ ...session, lastSeenAt: 150 });

      await store.sweepSessions({ openedAfter: at(99), seenAfter: at(149) });
      expect(await found(0, 0)).not.toBeNull();
      await store.sweepSessions({ openedAfter: at(99), seenAfter: at(150) });
      expect(await found(0, 0)).toBeNull();
      await store.openSession(session);
      await store.endSession('s');
      expect(await found(0, 0)).toBeNull();
    });
  });
}
