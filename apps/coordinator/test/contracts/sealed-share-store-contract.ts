/** What every store of sealed shares must do. */
import { type BlobHash, type ClientId, type Instant, openRun, type RunId } from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import { emptyTally, type RunStore } from '../../src/storage/run-store.ts';
import type { SealedShareStore } from '../../src/storage/sealed-share-store.ts';
import { smallTask } from '../small-task.ts';

const [A, B] = ['run-a', 'run-b'] as [RunId, RunId];
const dealer = (digit: string, roundNumber = 1, runId = A) => ({
  runId,
  roundNumber,
  clientId: digit.repeat(32) as ClientId,
});
const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, i) => i);

export function sealedShareStoreContract(
  name: string,
  open: () => Promise<{ runs: RunStore; shares: SealedShareStore }>,
): void {
  async function withTwoRuns(): Promise<SealedShareStore> {
    const { runs, shares } = await open();
    for (const runId of [A, B]) {
      const manifest = smallTask();
      const state = openRun({ runId, manifest, modelHash: '1'.repeat(64) as BlobHash });
      const createdAt = 1 as Instant;
      await runs.createRun({ runId, createdAt, manifest, state, optimiserHash: null, tally: emptyTally() });
    }
    return shares;
  }

  describe(`sealed shares: ${name}`, () => {
    test('come back as they were, under the member that dealt them', async () => {
      const shares = await withTwoRuns();
      expect(await shares.keep(dealer('a'), EVERY_BYTE)).toBe(true);
      expect(await shares.keep(dealer('b'), new Uint8Array(0))).toBe(true);
      expect(await shares.keep(dealer('a', 1, B), Uint8Array.of(9))).toBe(true);
      expect(await shares.ofRound(A, 1)).toEqual(
        new Map([
          ['a'.repeat(32), EVERY_BYTE],
          ['b'.repeat(32), new Uint8Array(0)],
        ]),
      );
      expect(await shares.ofRound(A, 2)).toEqual(new Map());
    });

    test('of one member are the first ones, whatever comes later', async () => {
      const shares = await withTwoRuns();
      await shares.keep(dealer('a'), Uint8Array.of(1));
      expect(await shares.keep(dealer('a'), Uint8Array.of(1))).toBe(true);
      expect(await shares.keep(dealer('a'), Uint8Array.of(2))).toBe(false);
      expect([...(await shares.ofRound(A, 1)).values()]).toEqual([Uint8Array.of(1)]);
    });

    test('are deleted with their rounds, and only with those of their run', async () => {
      const shares = await withTwoRuns();
      for (const round of [1, 2]) await shares.keep(dealer('a', round), EVERY_BYTE);
      await shares.keep(dealer('a', 1, B), EVERY_BYTE);
      await shares.deleteAllBut(A, 2);
      expect([(await shares.ofRound(A, 1)).size, (await shares.ofRound(A, 2)).size]).toEqual([0, 1]);
      await shares.deleteAllBut(A, null);
      expect((await shares.ofRound(A, 2)).size).toBe(0);
      expect((await shares.ofRound(B, 1)).size).toBe(1);
    });
  });
}
