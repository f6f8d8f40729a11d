/** Operators and sessions in memory, for tests and throw-away coordinators. */
import type { OperatorStore, StoredOperator, StoredSession } from './operator-store.ts';

export function openMemoryOperatorStore(): OperatorStore {
  const operators = new Map<string, StoredOperator>();
  const sessions = new Map<string, StoredSession>();
  const all = (): readonly StoredOperator[] => [...operators.values()];
  const endSessionsOf = (operatorId: string): void => {
    for (const session of sessions.values()) {
      if (session.operatorId === operatorId) sessions.delete(session.hash);
    }
  };

  return {
    operators: async () =>
      all().toSorted(
        (left, right) => left.createdAt - right.createdAt || (left.operatorId < right.operatorId ? -1 : 1),
      ),
    async createOperator(operator) {
      if (all().some(({ name }) => name === operator.name)) return false;
      operators.set(operator.operatorId, { ...operator });
      return true;
    },
    operatorByToken: async (tokenHash) => all().find((operator) => operator.tokenHash === tokenHash) ?? null,
    async replaceToken(operatorId, tokenHash) {
      const operator = operators.get(operatorId);
      if (!operator) return false;
      operators.set(operatorId, { ...operator, tokenHash });
      endSessionsOf(operatorId);
      return true;
    },
    async removeOperator(operatorId) {
      const operator = operators.get(operatorId);
      if (!operator) return 'unknown';
      const owners = all().filter(({ role }) => role === 'owner');
      if (operator.role === 'owner' && owners.length === 1) return 'last-owner';
      operators.delete(operatorId);
      endSessionsOf(operatorId);
      return 'removed';
    },
    async operatorSeen(operatorId, at) {
      const operator = operators.get(operatorId);
      if (operator) operators.set(operatorId, { ...operator, lastSeenAt: at });
    },

    openSession: async (session) => void sessions.set(session.hash, { ...session }),
    async sessionOf(hash, { openedAfter, seenAfter }) {
      const session = sessions.get(hash);
      const operator = session && operators.get(session.operatorId);
      if (!operator || session.openedAt <= openedAfter || session.lastSeenAt <= seenAfter) return null;
      return { session, operator };
    },
    async sessionSeen(hash, at) {
      const session = sessions.get(hash);
      if (session) sessions.set(hash, { ...session, lastSeenAt: at });
    },
    endSession: async (hash) => void sessions.delete(hash),
    async sweepSessions({ openedAfter, seenAfter }) {
      for (const { hash, openedAt, lastSeenAt } of sessions.values()) {
        if (openedAt <= openedAfter || lastSeenAt <= seenAfter) sessions.delete(hash);
      }
    },
  };
}
