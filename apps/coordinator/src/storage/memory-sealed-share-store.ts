/** Sealed shares in memory, for tests and throw-away coordinators. */
import type { ClientId, RunId } from '@tributary/fl-core';
import type { SealedShareStore } from './sealed-share-store.ts';

export function openMemorySealedShareStore(): SealedShareStore {
  const runs = new Map<RunId, { roundNumber: number; clientId: ClientId; bytes: Uint8Array }[]>();
  const kept = (runId: RunId) => runs.get(runId) ?? [];
  return {
    async keep({ runId, roundNumber, clientId }, bytes) {
      const before = kept(runId).find((row) => row.roundNumber === roundNumber && row.clientId === clientId);
      if (before) return Buffer.from(before.bytes).equals(bytes);
      runs.set(runId, [...kept(runId), { roundNumber, clientId, bytes: bytes.slice() }]);
      return true;
    },
    async ofRound(runId, roundNumber) {
      const rows = kept(runId).filter((row) => row.roundNumber === roundNumber);
      return new Map(rows.map(({ clientId, bytes }) => [clientId, bytes.slice()]));
    },
    async deleteAllBut(runId, roundNumber) {
      runs.set(
        runId,
        kept(runId).filter((row) => row.roundNumber === roundNumber),
      );
    },
  };
}
