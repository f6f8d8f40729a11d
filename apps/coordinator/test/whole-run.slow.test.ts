import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BlobHash, type ClientId, decodeFrame, initialParameters } from '@tributary/fl-core';
import { afterEach, describe, expect, test } from 'vitest';
import { type Coordinator, startCoordinator } from '../src/app.ts';
import { nativeSha256 } from '../src/native-sha256.ts';
import { connect, getModel, type Participant, takePart, updateOf } from './participant-driver.ts';
import { smallTask } from './small-task.ts';

let coordinator: Coordinator;
const participants: Participant[] = [];

afterEach(async () => {
  for (const participant of participants.splice(0)) participant.close();
  await coordinator.close();
});

describe('a whole run', () => {
  test('three participants take it to its end, and the model is what federated averaging says', async () => {
    coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent' });
    const { url } = coordinator;
    const manifest = smallTask();
    const run = await coordinator.createRun(manifest);
    await coordinator.steer(run, 'launch');
    const ticket = await coordinator.admissionTicket(run, 1);
    for (let i = 0; i < 3; i += 1) participants.push(connect(url, ticket));

    for (const participant of participants) participant.checkIn();
    for (let round = 1; round <= 2; round += 1) {
      await Promise.all(
        participants.map(async (participant, i) => {
          // Weights 10, 20, 30; values 1/4, 1/2, 1: all exact in fixed point.
          const update = updateOf(manifest, [0.25, 0.5, 1][i]!, 10 * (i + 1));
          expect(await takePart(participant, url, update)).toBe(round);
          expect(await participant.next('roundCommitted')).toMatchObject({
            roundNumber: round,
            survivors: 3,
            accepted: true,
          });
        }),
      );
    }
    const ended = await participants[0]!.next('runEnded');
    expect(ended).toMatchObject({ status: 'completed', committedRounds: 2 });

    const final = decodeFrame(await getModel(url, ended.modelHash), { sha256: nativeSha256 });
    const initial = initialParameters(manifest.model, manifest.seed);
    const mean = (10 * 0.25 + 20 * 0.5 + 30 * 1) / 60;
    // Server momentum 0.5: the first step is the mean, the second the mean and half the first.
    const expected = initial.values.map((value) => Math.fround(Math.fround(value + mean) + 1.5 * mean));
    const differences = final.values.map((value, i) => Math.abs(value - expected[i]!));
    expect(Math.max(...differences)).toBeLessThan(1e-6);
    // Updates of finished rounds are gone.
    expect(await run.updates.list()).toEqual([]);
  });

  test('what a crash left of an ended run is swept away at the next start', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'tributary-whole-run-'));
    coordinator = await startCoordinator({ dataFolder, logLevel: 'silent' });
    const run = await coordinator.createRun(smallTask());
    await coordinator.steer(run, 'stop');
    const left = { clientId: 'a'.repeat(32) as ClientId, updateHash: 'b'.repeat(64) as BlobHash };
    for (const isWhole of [true, false]) {
      const file = await run.updates.open(left, 0);
      await file.append([updateOf(smallTask(), 0.5).frame]);
      await file.close();
      if (isWhole) await run.updates.keep(left);
    }
    await coordinator.close();

    coordinator = await startCoordinator({ dataFolder, logLevel: 'silent' });
    const again = coordinator.runs.get(run.runId);
    expect(again.state.status).toBe('stopped');
    expect(await again.updates.list()).toEqual([]);
    expect(await again.updates.held(left)).toBe(0);
    await rm(dataFolder, { recursive: true, force: true });
  });

  test('a reconnect takes the place of the old connection and is invited again', async () => {
    coordinator = await startCoordinator({ dataFolder: null, logLevel: 'silent' });
    const run = await coordinator.createRun(smallTask());
    await coordinator.steer(run, 'launch');
    const ticket = await coordinator.admissionTicket(run, 1);
    for (let i = 0; i < 3; i += 1) participants.push(connect(coordinator.url, ticket));
    for (const participant of participants) participant.checkIn();
    const [first] = participants;
    await first!.next('invited');

    const closed = new Promise((resolve) => first!.socket.once('disconnect', resolve));
    const again = connect(coordinator.url, ticket, first!.identity);
    participants.push(again);
    again.checkIn();
    expect(await again.next('invited')).toMatchObject({ roundNumber: 1 });
    // Or the older one, if it still lives, would come back and take its place again.
    expect(await first!.next('refused')).toMatchObject({ code: 'identity-in-use', fatal: true });
    await closed;
    expect(run.state.present).toHaveLength(3);
  });
});
