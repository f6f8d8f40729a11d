/** What every `ParticipantStorage` does. */
import type { CodecMemory } from '@tributary/compression';
import type { BlobHash, RunId } from '@tributary/fl-core';
import { hexToBytes, startParticipation } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import {
  createPlainDeviceKey,
  type KeepBounds,
  type LedgerEntry,
  openDeviceIdentity,
  type ParticipantStorage,
  verifySignature,
} from '../src/index.ts';

const RUN = 'run-one' as RunId;
const OTHER_RUN = 'run-two' as RunId;
const HASH = 'ab'.repeat(32) as BlobHash;
const OTHER_HASH = 'cd'.repeat(32) as BlobHash;

const model = { runId: RUN, roundNumber: 3, modelHash: HASH, frame: Uint8Array.of(1, 2, 3) };
const update = { runId: RUN, roundNumber: 3, updateHash: HASH, exampleCount: 7, frame: Uint8Array.of(4, 5) };
const checkpoint = {
  runId: RUN,
  roundNumber: 3,
  modelHash: HASH,
  checkpoint: {
    epochsDone: 2,
    stepsDone: 8,
    parameters: Float32Array.of(0.5, -1),
    optimiserState: [Float32Array.of(1)],
  },
};

/** All that a code may keep. */
const memoryOf = (roundNumber: number): CodecMemory => ({
  roundNumber,
  residual: Float32Array.of(roundNumber, -0.5),
  velocity: Float32Array.of(0.25, 0),
  basis: Float32Array.of(1),
});

const sentEntry: Omit<LedgerEntry, 'number'> = {
  at: 1,
  runId: RUN,
  kind: 'upload',
  subject: 'update',
  times: 1,
  bytes: 2,
  sha256: HASH,
  roundNumber: 3,
};

/** Small ones, which a test can fill. */
export const SMALL_BOUNDS: KeepBounds = { messages: 3, uploadBytes: 100 };

/** `reopen` gives what a reloaded page would see; for a storage that forgets, the same one. */
export function storageContract(
  name: string,
  open: () => Promise<{ storage: ParticipantStorage; reopen: () => Promise<ParticipantStorage> }>,
): void {
  describe(`${name} as participant storage`, () => {
    it('keeps one device key, also when two ask at once, and signs with it after a reload', async () => {
      const { storage, reopen } = await open();
      const [first, second] = await Promise.all([openDeviceIdentity(storage), openDeviceIdentity(storage)]);
      expect(first.publicKey).toBe(second.publicKey);
      const after = await openDeviceIdentity(await reopen());
      expect(after.publicKey).toBe(first.publicKey);
      const message = Uint8Array.of(1, 2, 3);
      const publicKey = hexToBytes(first.publicKey);
      for (const identity of [first, second, after])
        expect(await verifySignature({ publicKey, message, signature: await identity.sign(message) })).toBe(
          true,
        );
    });

    it('keeps a key whose secret it holds itself, where the platform has none to offer', async () => {
      const { storage, reopen } = await open();
      const { publicKey } = await storage.deviceKey(() => createPlainDeviceKey());
      const kept = await (await reopen()).deviceKey(() => createPlainDeviceKey());
      expect(kept.kind).toBe('plain');
      expect(kept.publicKey).toEqual(publicKey);
    });

    it('makes a key later, when making the first one failed', async () => {
      const { storage } = await open();
      const broken = async () => Promise.reject(new Error('no randomness yet'));
      await expect(storage.deviceKey(broken)).rejects.toThrow('no randomness yet');
      expect((await storage.deviceKey(() => createPlainDeviceKey())).kind).toBe('plain');
    });

    it('keeps participation by run', async () => {
      const { storage, reopen } = await open();
      const state = { ...startParticipation(), contributions: 4 };
      await storage.saveParticipation(RUN, state);
      const reopened = await reopen();
      expect(await reopened.loadParticipation(RUN)).toEqual(state);
      expect(await reopened.loadParticipation(OTHER_RUN)).toBeNull();
    });

    it('gives back a model only under its own hash and run', async () => {
      const { storage, reopen } = await open();
      await storage.saveModel(model);
      const reopened = await reopen();
      expect(await reopened.loadModel(RUN, HASH)).toEqual(model);
      expect(await reopened.loadModel(RUN, OTHER_HASH)).toBeNull();
      expect(await reopened.loadModel(OTHER_RUN, HASH)).toBeNull();
    });

    it('keeps the newest base models under their hashes, whatever run or round is forgotten', async () => {
      const { storage, reopen } = await open();
      const hashes = ['11', '22', '33'].map((pair) => pair.repeat(32) as BlobHash);
      for (const hash of hashes) await storage.saveBaseModel(hash, Uint8Array.of(Number(hash[0])));
      await storage.saveBaseModel(hashes[1]!, Uint8Array.of(2));
      await storage.forgetRound(RUN, 3, 'unused');
      const reopened = await reopen();
      const kept = await Promise.all(hashes.map((hash) => reopened.loadBaseModel(hash)));
      expect(kept).toEqual([null, Uint8Array.of(2), Uint8Array.of(3)]);
      // The second came again after the third.
      await reopened.saveBaseModel(hashes[0]!, Uint8Array.of(1));
      expect(await reopened.loadBaseModel(hashes[1]!)).toEqual(Uint8Array.of(2));
      expect(await reopened.loadBaseModel(hashes[2]!)).toBeNull();
    });

    it('gives back a checkpoint only for the same run, round and model', async () => {
      const { storage, reopen } = await open();
      await storage.saveCheckpoint(checkpoint);
      const key = { runId: RUN, roundNumber: 3, modelHash: HASH };
      const reopened = await reopen();
      expect(await reopened.loadCheckpoint(key)).toEqual(checkpoint);
      expect(await reopened.loadCheckpoint({ ...key, roundNumber: 4 })).toBeNull();
      expect(await reopened.loadCheckpoint({ ...key, modelHash: OTHER_HASH })).toBeNull();
      expect(await reopened.loadCheckpoint({ ...key, runId: OTHER_RUN })).toBeNull();
    });

    it('keeps a copy: whoever saved an array may go on writing it', async () => {
      const { storage } = await open();
      const parameters = Float32Array.of(1, 2);
      const saving = storage.saveCheckpoint({
        ...checkpoint,
        checkpoint: { ...checkpoint.checkpoint, parameters },
      });
      parameters[0] = 99;
      await saving;
      const stored = await storage.loadCheckpoint({ runId: RUN, roundNumber: 3, modelHash: HASH });
      expect(stored?.checkpoint.parameters).toEqual(Float32Array.of(1, 2));
    });

    it('replaces the slot of an older round', async () => {
      const { storage } = await open();
      await storage.saveUpdate(update, null);
      await storage.saveUpdate({ ...update, roundNumber: 4 }, null);
      expect(await storage.loadUpdate(RUN, 3)).toBeNull();
      expect((await storage.loadUpdate(RUN, 4))?.frame).toEqual(update.frame);
    });

    it('[P-20] spends a round once, also when two tabs ask at once, and never an earlier one again', async () => {
      const { storage, reopen } = await open();
      expect(await storage.spentRound(RUN)).toBe(0);
      const masked = { ...update, frame: Uint8Array.of(6, 6) };
      const other = { ...update, frame: Uint8Array.of(7, 7) };
      expect(await Promise.all([storage.spendRound(masked, null), storage.spendRound(other, null)])).toEqual([
        true,
        false,
      ]);
      const reopened = await reopen();
      expect((await reopened.loadUpdate(RUN, 3))?.frame).toEqual(masked.frame);
      await reopened.forgetRound(RUN, 3, 'unused');
      expect(await reopened.spendRound(other, null)).toBe(false);
      expect(await reopened.spendRound({ ...other, roundNumber: 2 }, null)).toBe(false);
      expect(await reopened.loadUpdate(RUN, 3)).toBeNull();
      expect(await reopened.spentRound(RUN)).toBe(3);
      expect(await reopened.spentRound(OTHER_RUN)).toBe(0);
      expect(await reopened.spendRound({ ...other, roundNumber: 4 }, null)).toBe(true);
      expect(await reopened.spentRound(RUN)).toBe(4);
    });

    it('[V-6] holds the newest model of a run beyond its round, until it is told to forget it', async () => {
      const { storage, reopen } = await open();
      expect(await storage.heldModel(RUN)).toBeNull();
      await storage.saveModel(model);
      await storage.forgetRound(RUN, 3, 'counted');
      const reopened = await reopen();
      expect(await reopened.heldModel(RUN)).toEqual(model);
      expect(await reopened.heldModel(OTHER_RUN)).toBeNull();
      await reopened.forgetModel(RUN);
      expect(await reopened.heldModel(RUN)).toBeNull();
      expect(await reopened.loadModel(RUN, HASH)).toBeNull();
    });

    it('forgets a round, and neither a newer one nor what was sent', async () => {
      const { storage } = await open();
      await storage.saveModel(model);
      await storage.saveCheckpoint(checkpoint);
      await storage.saveUpdate({ ...update, roundNumber: 4 }, null);
      await storage.appendToLedger(sentEntry, update.frame);
      await storage.forgetRound(RUN, 3, 'unused');
      expect(await storage.loadCheckpoint(checkpoint)).toBeNull();
      expect(await storage.loadUpdate(RUN, 4)).not.toBeNull();
      expect(await storage.sentPayload(HASH)).toEqual(update.frame);
    });

    it('[P-23] keeps what a code lost for the next update once its update counts, and not before', async () => {
      const { storage, reopen } = await open();
      expect(await storage.loadMemory(RUN)).toBeNull();
      await storage.saveUpdate(update, memoryOf(3));
      expect(await storage.loadMemory(RUN)).toBeNull();
      await storage.forgetRound(RUN, 3, 'counted');
      const reopened = await reopen();
      expect(await reopened.loadMemory(RUN)).toEqual(memoryOf(3));
      expect(await reopened.loadMemory(OTHER_RUN)).toBeNull();
      // The next one is pending: until its fate is known, a reload begins with the one before.
      expect(await reopened.spendRound({ ...update, roundNumber: 4 }, memoryOf(4))).toBe(true);
      expect(await reopened.loadMemory(RUN)).toEqual(memoryOf(3));
      await reopened.forgetRound(RUN, 4, 'counted');
      expect(await reopened.loadMemory(RUN)).toEqual(memoryOf(4));
    });

    it('[P-23] drops what a code lost when its update was not used, and keeps what came before', async () => {
      const { storage } = await open();
      await storage.saveUpdate(update, memoryOf(3));
      await storage.forgetRound(RUN, 3, 'counted');
      await storage.saveUpdate({ ...update, roundNumber: 4 }, memoryOf(4));
      await storage.forgetRound(RUN, 4, 'unused');
      // Told once more, and of rounds that left nothing pending.
      for (const round of [3, 4, 5]) await storage.forgetRound(RUN, round, 'counted');
      expect(await storage.loadMemory(RUN)).toEqual(memoryOf(3));
      await storage.saveUpdate({ ...update, roundNumber: 6 }, null);
      await storage.forgetRound(RUN, 6, 'counted');
      expect(await storage.loadMemory(RUN)).toEqual(memoryOf(3));
    });

    it('[P-23] drops all of it when nobody knows whether the update counts: it may be in the model already', async () => {
      const { storage } = await open();
      await storage.saveUpdate(update, memoryOf(3));
      await storage.forgetRound(RUN, 3, 'counted');
      await storage.forgetRound(RUN, 3, 'unknown');
      expect(await storage.loadMemory(RUN)).toEqual(memoryOf(3));
      await storage.saveUpdate({ ...update, roundNumber: 4 }, memoryOf(4));
      await storage.forgetRound(RUN, 4, 'unknown');
      expect(await storage.loadMemory(RUN)).toBeNull();
      await storage.forgetRound(RUN, 4, 'counted');
      expect(await storage.loadMemory(RUN)).toBeNull();
    });

    it('[P-23] stores what a masked update lost only with the update itself', async () => {
      const { storage } = await open();
      await storage.spendRound(update, memoryOf(3));
      // Another tab is too late, and what it lost belongs to nothing that leaves.
      expect(await storage.spendRound(update, { ...memoryOf(3), residual: Float32Array.of(9, 9) })).toBe(
        false,
      );
      await storage.forgetRound(RUN, 3, 'counted');
      expect(await storage.loadMemory(RUN)).toEqual(memoryOf(3));
    });

    it('[P-24] forgets what the codes of a run lost, and of no other run', async () => {
      const { storage, reopen } = await open();
      for (const runId of [RUN, OTHER_RUN]) {
        await storage.saveUpdate({ ...update, runId }, memoryOf(3));
        await storage.forgetRound(runId, 3, 'counted');
        await storage.saveUpdate({ ...update, runId, roundNumber: 4 }, memoryOf(4));
      }
      await storage.forgetMemory(RUN);
      const reopened = await reopen();
      await reopened.forgetRound(RUN, 4, 'counted');
      expect(await reopened.loadMemory(RUN)).toBeNull();
      expect(await reopened.loadMemory(OTHER_RUN)).toEqual(memoryOf(3));
    });

    it('numbers the ledger in the order of writing, and writes an entry anew under its number', async () => {
      const { storage, reopen } = await open();
      const [first, second] = await Promise.all([
        storage.appendToLedger({ ...sentEntry, at: 1 }, null),
        storage.appendToLedger({ ...sentEntry, at: 2 }, null),
      ]);
      expect(second!.number).toBeGreaterThan(first!.number);
      await storage.replaceInLedger({ ...first!, times: 2 });
      expect(await (await reopen()).readLedger()).toEqual([{ ...first, times: 2 }, second]);
    });

    it('[L-3] keeps the newest messages and uploads within their bounds, and always the newest upload', async () => {
      const { storage, reopen } = await open();
      const send = (kind: 'message' | 'upload', name: string, bytes: number) =>
        storage.appendToLedger({ ...sentEntry, kind, sha256: name }, new Uint8Array(bytes).fill(7));
      for (const name of ['m1', 'm2', 'm1', 'm3', 'm4']) await send('message', name, 1);
      await send('upload', 'u1', 60);
      await send('upload', 'u2', 30);
      await send('upload', 'u3', 30);
      const reopened = await reopen();
      const kept = async (names: readonly string[]) => {
        const found = await Promise.all(names.map((name) => reopened.sentPayload(name)));
        return names.filter((_, index) => found[index] !== null);
      };
      // Sent again, m1 is newer than m2.
      expect(await kept(['m1', 'm2', 'm3', 'm4'])).toEqual(['m1', 'm3', 'm4']);
      expect(await kept(['u1', 'u2', 'u3'])).toEqual(['u2', 'u3']);
      await reopened.appendToLedger({ ...sentEntry, kind: 'upload', sha256: 'u4' }, new Uint8Array(500));
      expect(await kept(['u1', 'u2', 'u3', 'u4'])).toEqual(['u4']);
      expect(await reopened.sentPayload('u4')).toHaveLength(500);
      await reopened.forgetPayloads();
      expect(await kept(['m1', 'm3', 'm4', 'u4'])).toEqual([]);
      expect(await reopened.readLedger()).toHaveLength(9);
    });

    it('[L-4] erases everything, the identity included', async () => {
      const { storage, reopen } = await open();
      const { publicKey } = await openDeviceIdentity(storage);
      await storage.saveParticipation(RUN, startParticipation());
      await storage.saveModel(model);
      await storage.saveBaseModel(HASH, model.frame);
      await storage.saveCheckpoint(checkpoint);
      await storage.spendRound(update, memoryOf(3));
      await storage.appendToLedger(sentEntry, update.frame);
      await storage.erase();
      const reopened = await reopen();
      expect((await openDeviceIdentity(reopened)).publicKey).not.toBe(publicKey);
      expect(await reopened.loadParticipation(RUN)).toBeNull();
      expect(await reopened.loadModel(RUN, HASH)).toBeNull();
      expect(await reopened.loadBaseModel(HASH)).toBeNull();
      expect(await reopened.loadCheckpoint(checkpoint)).toBeNull();
      expect(await reopened.loadUpdate(RUN, 3)).toBeNull();
      expect(await reopened.spentRound(RUN)).toBe(0);
      expect(await reopened.loadMemory(RUN)).toBeNull();
      await reopened.forgetRound(RUN, 3, 'counted');
      expect(await reopened.loadMemory(RUN)).toBeNull();
      expect(await reopened.sentPayload(HASH)).toBeNull();
      expect(await reopened.readLedger()).toEqual([]);
    });
  });
}
