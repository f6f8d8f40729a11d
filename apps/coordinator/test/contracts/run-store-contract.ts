/** What every run store must do. */
import {
  type BlobHash,
  type ClientId,
  type Instant,
  openRun,
  type RoundSummary,
  type RunId,
} from '@tributary/fl-core';
import { describe, expect, test } from 'vitest';
import { emptyTally, type RunStore, type StoredRun } from '../../src/storage/run-store.ts';
import { smallTask } from '../small-task.ts';

const hash = (digit: string): BlobHash => digit.repeat(64) as BlobHash;
const ALICE = 'a'.repeat(32) as ClientId;
const BOB = 'b'.repeat(32) as ClientId;

export function storedRun(name: string, createdAt = 1_795_000_000_000): StoredRun {
  const runId = name as RunId;
  const manifest = smallTask();
  const state = openRun({ runId, manifest, modelHash: hash('1') });
  return {
    runId,
    createdAt: createdAt as Instant,
    manifest,
    state,
    optimiserHash: null,
    tally: emptyTally(),
  };
}

function summary(roundNumber: number): RoundSummary {
  return {
    roundNumber,
    outcome: 'committed',
    reason: null,
    timeline: [],
    isSuperseded: false,
    openedAt: 1_795_000_000_001,
    closedAt: 1_795_000_000_002,
    invited: 3,
    trained: 3,
    accepted: 2,
    dropped: { left: 1 },
    modelHash: hash('2'),
    bytesUp: 10,
    bytesDown: 20,
    validationAccuracy: null,
    validationLoss: null,
    participantAccuracy: 0.25,
  };
}

export function runStoreContract(name: string, open: () => Promise<RunStore>): void {
  describe(`run store: ${name}`, () => {
    test('a created run is found again, and its first model is one', async () => {
      const store = await open();
      const [second, first] = [storedRun('run-b', 1_795_000_000_009), storedRun('run-a')];
      await store.createRun(first);
      await store.createRun(second);
      expect(await store.runs()).toEqual([first, second]);
      expect(await store.isModel(hash('1'))).toBe(true);
      expect(await store.isModel(hash('2'))).toBe(false);
      await expect(store.createRun(first)).rejects.toThrow();
    });

    test('state and tally are replaced together', async () => {
      const store = await open();
      const run = storedRun('run-a');
      await store.createRun(run);
      const state = { ...run.state, status: 'running' as const, roundNumber: 4, present: [ALICE] };
      const tally = { roundNumber: 4, bytesUp: 1, bytesDown: 2, evaluatedWeight: 3, evaluatedCorrect: 1.5 };
      await store.saveState(run.runId, state, tally);
      expect(await store.runs()).toEqual([{ ...run, state, tally }]);
    });

    test('a committed round brings its model, the optimiser and the contributions', async () => {
      const store = await open();
      const run = storedRun('run-a');
      await store.createRun(run);
      for (const roundNumber of [1, 2]) {
        await store.recordRound(run.runId, {
          state: { ...run.state, roundNumber, modelHash: hash('2') },
          summary: summary(roundNumber),
          commit: {
            modelHash: hash('2'),
            optimiserHash: hash('3'),
            accepted: [
              { clientId: ALICE, updateHash: hash('4') },
              ...(roundNumber === 2 ? [{ clientId: BOB, updateHash: hash('5') }] : []),
            ],
          },
        });
      }
      expect(await store.rounds(run.runId)).toEqual([summary(1), summary(2)]);
      expect(await store.isModel(hash('2'))).toBe(true);
      expect(await store.isModel(hash('3'))).toBe(false);
      const [stored] = await store.runs();
      expect(stored).toMatchObject({
        optimiserHash: hash('3'),
        state: { roundNumber: 2, modelHash: hash('2') },
      });
      const nobody = 'c'.repeat(32) as ClientId;
      // More than one statement takes.
      const many = Array.from(
        { length: 1000 },
        (_, index) => index.toString(16).padStart(32, '0') as ClientId,
      );
      expect(await store.contributors(run.runId)).toBe(2);
      expect([...(await store.contributions(run.runId, [nobody, BOB])).keys()]).toEqual([BOB]);
      expect(await store.contributions(run.runId, [...many, BOB, ALICE])).toEqual(
        new Map([
          [ALICE, { acceptedUpdates: 2, lastRoundNumber: 2, lastUpdateHash: hash('4') }],
          [BOB, { acceptedUpdates: 1, lastRoundNumber: 2, lastUpdateHash: hash('5') }],
        ]),
      );
      expect(await store.contributionOf(run.runId, ALICE)).toEqual({
        acceptedUpdates: 2,
        lastRoundNumber: 2,
        lastUpdateHash: hash('4'),
      });
      expect(await store.contributionOf(run.runId, nobody)).toBeNull();
      expect(await store.contributionOf('run-b' as RunId, ALICE)).toBeNull();
    });

    test('an abandoned round changes neither model nor optimiser', async () => {
      const store = await open();
      const run = storedRun('run-a');
      await store.createRun(run);
      const abandoned = { ...summary(1), outcome: 'abandoned' as const, reason: 'too-few-ready' as const };
      await store.recordRound(run.runId, { state: run.state, summary: abandoned, commit: null });
      expect(await store.rounds(run.runId)).toEqual([abandoned]);
      expect((await store.runs())[0]!.optimiserHash).toBeNull();
      expect(await store.contributions(run.runId, [ALICE])).toEqual(new Map());
      expect(await store.contributors(run.runId)).toBe(0);
    });

    test('a recorded round takes its tally with it, so that none of it counts for the next', async () => {
      const store = await open();
      const run = storedRun('run-a');
      await store.createRun(run);
      await store.saveState(run.runId, run.state, { ...emptyTally(), roundNumber: 1, bytesUp: 10 });
      await store.recordRound(run.runId, { state: run.state, summary: summary(1), commit: null });
      expect((await store.runs())[0]!.tally).toEqual(emptyTally());
    });

    test('a round that was recorded is not recorded again, and the attempt changes nothing', async () => {
      const store = await open();
      const run = storedRun('run-a');
      await store.createRun(run);
      const record = { state: run.state, summary: summary(1), commit: null };
      await store.recordRound(run.runId, record);
      const again = store.recordRound(run.runId, { ...record, state: { ...run.state, roundNumber: 99 } });
      await expect(again).rejects.toThrow();
      expect((await store.runs())[0]!.state.roundNumber).toBe(0);
      expect(await store.rounds(run.runId)).toHaveLength(1);
    });

    test('an evaluation joins its round', async () => {
      const store = await open();
      const run = storedRun('run-a');
      await store.createRun(run);
      await store.recordRound(run.runId, { state: run.state, summary: summary(1), commit: null });
      await store.recordEvaluation(run.runId, 1, { accuracy: 0.5, loss: 1.25 });
      expect(await store.rounds(run.runId)).toEqual([
        { ...summary(1), validationAccuracy: 0.5, validationLoss: 1.25 },
      ]);
    });

    test('[O-5] sums and revision follow every finished round, and `since` leaves out what did not change', async () => {
      const store = await open();
      const run = storedRun('run-a');
      await store.createRun(run);
      expect(await store.progress(run.runId)).toMatchObject({ revision: 0, accuracy: null });
      const abandoned = {
        ...summary(2),
        outcome: 'abandoned' as const,
        dropped: { left: 2, deadline: 1 },
        participantAccuracy: null,
      };
      await store.recordRound(run.runId, { state: run.state, summary: summary(1), commit: null });
      await store.recordRound(run.runId, { state: run.state, summary: abandoned, commit: null });
      const two = await store.progress(run.runId);
      expect(two).toMatchObject({ accuracy: 0.25 });
      expect(two.totals).toEqual({
        committed: 1,
        abandoned: 1,
        invited: 6,
        trained: 6,
        accepted: 4,
        dropped: { left: 3, deadline: 1 },
        bytesUp: 20,
        bytesDown: 40,
      });
      expect(await store.rounds(run.runId, two.revision)).toEqual([]);

      await store.recordEvaluation(run.runId, 1, { accuracy: 0.5, loss: 1.25 });
      const three = await store.progress(run.runId);
      expect(three.revision).toBeGreaterThan(two.revision);
      expect(three).toMatchObject({ accuracy: 0.5, totals: two.totals });
      expect((await store.rounds(run.runId, two.revision)).map((round) => round.roundNumber)).toEqual([1]);
      expect(await store.rounds(run.runId)).toHaveLength(2);
    });

    test('[N-6] a roll back supersedes later rounds, keeps earlier ones, and brings the optimiser of then back', async () => {
      const store = await open();
      const run = storedRun('run-a');
      await store.createRun(run);
      for (const roundNumber of [1, 2, 3]) {
        await store.recordRound(run.runId, {
          state: { ...run.state, roundNumber, modelHash: hash(`${roundNumber + 1}`) },
          summary: { ...summary(roundNumber), participantAccuracy: roundNumber / 4 },
          commit: {
            modelHash: hash(`${roundNumber + 1}`),
            optimiserHash: hash(`${roundNumber + 5}`),
            accepted: [],
          },
        });
      }
      expect(await store.modelAfter(run.runId, 2)).toEqual({
        roundNumber: 2,
        modelHash: hash('3'),
        optimiserHash: hash('7'),
        committedRounds: 2,
        isSuperseded: false,
      });
      expect(await store.modelAfter(run.runId, 'newest')).toMatchObject({
        roundNumber: 3,
        committedRounds: 3,
      });
      expect(await store.modelAfter(run.runId, 4)).toBeNull();

      const before = await store.progress(run.runId);
      const state = { ...run.state, roundNumber: 3, committedRounds: 1, modelHash: hash('2') };
      const tally = { ...emptyTally(), roundNumber: 3 };
      await store.recordRollBack(run.runId, { state, tally, toRound: 1, optimiserHash: hash('6') });
      expect(await store.runs()).toEqual([{ ...run, state, tally, optimiserHash: hash('6') }]);
      expect((await store.rounds(run.runId)).map((round) => round.isSuperseded)).toEqual([false, true, true]);
      expect((await store.rounds(run.runId, before.revision)).map((round) => round.roundNumber)).toEqual([
        2, 3,
      ]);
      expect(await store.progress(run.runId)).toMatchObject({ accuracy: 0.25, totals: before.totals });
      expect(await store.modelAfter(run.runId, 'newest')).toMatchObject({
        roundNumber: 1,
        committedRounds: 1,
      });
      expect(await store.modelAfter(run.runId, 3)).toMatchObject({ isSuperseded: true });
      // What was left behind can still be fetched by who trained on it.
      expect(await store.isModel(hash('4'))).toBe(true);

      await store.recordRollBack(run.runId, { state, tally, toRound: 0, optimiserHash: null });
      expect((await store.runs())[0]!.optimiserHash).toBeNull();
      expect(await store.modelAfter(run.runId, 'newest')).toEqual({
        roundNumber: 0,
        modelHash: hash('1'),
        optimiserHash: null,
        committedRounds: 0,
        isSuperseded: false,
      });
    });

    test('what is stored does not change when the caller changes its copy', async () => {
      const store = await open();
      const run = structuredClone(storedRun('run-a'));
      await store.createRun(run);
      (run.state.present as ClientId[]).push(ALICE);
      expect((await store.runs())[0]!.state.present).toEqual([]);
    });
  });
}
