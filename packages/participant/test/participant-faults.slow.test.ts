/** What breaks between a participant and its coordinator, and how it goes on: it waits a second before it tries again. */
import { blobHashOf, decodeFrame, plainSha256, TributaryError } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { createMemoryStorage } from '../src/index.ts';
import { createMeasuredTrainer } from './measured-trainer.ts';
import { aCoordinator, aParticipant, aProxy, reached, until, watch } from './participant-scene.ts';

const UPLOADING: ReadonlySet<string> = new Set(['update', 'upload-question', 'rest-of-update']);

describe('a participant whose coordinator or network fails', () => {
  it('goes on after the connection broke in training, without training again', async () => {
    const coordinator = await aCoordinator();
    const proxy = await aProxy(coordinator.port);
    const trainer = createMeasuredTrainer({ epochMs: 100 });
    const participant = await aParticipant({ coordinatorUrl: proxy.url, trainer });
    await participant.start();
    await until(() => trainer.epochsComputed === 1);
    proxy.cut();
    await reached(participant, 'ended');
    expect(coordinator.received.filter(({ type }) => type === 'checkIn')).toHaveLength(2);
    expect(trainer.epochsComputed).toBe(4);
    expect(coordinator.uploads).toHaveLength(1);
  });

  it('comes back when the coordinator ended the connection', async () => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer({ epochMs: 100 });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    await participant.start();
    await until(() => trainer.epochsComputed === 1);
    coordinator.hangUp();
    await reached(participant, 'ended');
    expect(coordinator.received.filter(({ type }) => type === 'checkIn')).toHaveLength(2);
    expect(trainer.epochsComputed).toBe(4);
  });

  it('goes on from the checkpoint after a reload in training, to the same bits', async () => {
    const coordinator = await aCoordinator();
    const storage = createMemoryStorage();
    const first = createMeasuredTrainer({ epochMs: 100 });
    const before = await aParticipant({ coordinatorUrl: coordinator.url, storage, trainer: first });
    await before.start();
    await until(() => first.epochsComputed === 2);
    await before.dispose();

    const second = createMeasuredTrainer();
    const after = await aParticipant({ coordinatorUrl: coordinator.url, storage, trainer: second });
    await after.start();
    await reached(after, 'ended');
    expect(second.epochsComputed).toBe(2);
    expect(coordinator.downloads.count).toBe(1);
    const keys = coordinator.received.flatMap((message) =>
      message.type === 'checkIn' ? [message.publicKey] : [],
    );
    expect(new Set(keys).size).toBe(1);

    const undisturbed = await createMeasuredTrainer().train(first.requests[0]!);
    const expected = undisturbed.parameters.values.map((value, i) => value - coordinator.initial.values[i]!);
    expect(decodeFrame(coordinator.uploads[0]!, { sha256: plainSha256 }).values).toEqual(expected);
  });

  it('says in plain words that the model could not be downloaded, and tries again', async () => {
    const coordinator = await aCoordinator();
    let attempts = 0;
    const participant = await aParticipant({
      coordinatorUrl: coordinator.url,
      fetch: (...request) => {
        attempts += 1;
        return attempts === 1 ? Promise.reject(new TypeError('Failed to fetch')) : fetch(...request);
      },
    });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    expect(seen.faults).toEqual([{ code: 'internal', message: 'the coordinator cannot be reached' }]);
    expect(coordinator.downloads.count).toBe(1);
  });

  it('opens another trainer for the next round when the worker of the first died', async () => {
    const coordinator = await aCoordinator();
    const died = async () => {
      throw new TributaryError('backend-unavailable', 'the training worker ended: out of memory');
    };
    const trainers = [{ ...createMeasuredTrainer(), train: died }, createMeasuredTrainer()];
    const participant = await aParticipant({
      coordinatorUrl: coordinator.url,
      trainer: async () => trainers.shift()!,
    });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    expect(seen.faults.map(({ code }) => code)).toEqual(['backend-unavailable']);
    expect(coordinator.uploads).toHaveLength(1);
    expect(trainers).toEqual([]);
  });

  it.each(['unavailable', 'cut'] as const)('uploads the same bytes again after: %s', async (fault) => {
    const coordinator = await aCoordinator();
    coordinator.faults = [fault];
    const participant = await aParticipant({ coordinatorUrl: coordinator.url });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    const uploads = seen.entries.filter(({ kind }) => kind === 'upload');
    expect(uploads).toHaveLength(2);
    expect(uploads[0]!.sha256).toBe(uploads[1]!.sha256);
    expect(blobHashOf(coordinator.uploads[0]!)).toBe(uploads[0]!.sha256);
    expect(seen.faults).toHaveLength(1);
  });

  it('[U-1] [L-2] after a broken connection asks what arrived, and hands over only the rest', async () => {
    const coordinator = await aCoordinator();
    coordinator.faults = ['halfway'];
    const proxy = await aProxy(coordinator.port);
    const participant = await aParticipant({ coordinatorUrl: proxy.url });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    const [whole, question, rest] = seen.entries.filter(({ subject }) => UPLOADING.has(subject));
    expect([whole, question, rest].map((entry) => entry?.subject)).toEqual([
      'update',
      'upload-question',
      'rest-of-update',
    ]);
    const update = coordinator.uploads[0]!;
    expect(whole).toMatchObject({ bytes: update.length, sha256: blobHashOf(update) });
    expect(question).toMatchObject({ kind: 'request', bytes: 0 });
    const missing = update.subarray(Math.floor(update.length / 2));
    expect(rest).toMatchObject({ kind: 'upload', bytes: missing.length, sha256: blobHashOf(missing) });
    expect(proxy.payloads().map((payload) => blobHashOf(payload))).toContain(rest!.sha256);
    const left = proxy.payloads().reduce((sum, { length }) => sum + length, 0);
    expect(seen.entries.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(left);
    expect(coordinator.questions.count).toBe(1);
    expect(seen.faults).toHaveLength(1);
  });

  it('[U-1] an upload that was not begun before is not asked about', async () => {
    const coordinator = await aCoordinator();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url });
    await participant.start();
    await reached(participant, 'ended');
    expect(coordinator.uploads).toHaveLength(1);
    expect(coordinator.questions.count).toBe(0);
  });

  it('[P-7] says so when the update is gone before its upload, and stays in the run', async () => {
    const coordinator = await aCoordinator();
    const storage = { ...createMemoryStorage(), loadUpdate: async () => null };
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, storage });
    const seen = watch(participant);
    await participant.start();
    await until(() => coordinator.received.some(({ type }) => type === 'withdraw'));
    expect(coordinator.received.at(-1)).toEqual({ type: 'withdraw', roundNumber: 1, reason: 'update-lost' });
    expect(seen.faults).toMatchObject([{ code: 'blob-missing' }]);
    expect(participant.view.participation).toMatchObject({ connected: true, activity: { phase: 'waiting' } });
    expect(coordinator.uploads).toEqual([]);
  });

  it('does not upload again what the coordinator refused', async () => {
    const coordinator = await aCoordinator();
    coordinator.faults = ['refused'];
    const participant = await aParticipant({ coordinatorUrl: coordinator.url });
    const seen = watch(participant);
    await participant.start();
    await until(() => participant.view.participation.activity.phase === 'waiting' && seen.faults.length > 0);
    expect(seen.faults).toEqual([{ code: 'update-out-of-range', message: 'too far' }]);
    expect(participant.view.participation.activity).toMatchObject({ reason: 'update-refused' });
  });

  it('[W-4] ignores what it does not understand, and says so', async () => {
    const coordinator = await aCoordinator();
    const participant = await aParticipant({
      coordinatorUrl: coordinator.url,
      trainer: createMeasuredTrainer({ epochMs: 30 }),
    });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'training');
    const strange = [
      null,
      'x',
      { type: 'runEnded' },
      { type: 'released', roundNumber: 1, reason: 'x', comeBackSeconds: 1 },
    ];
    for (const message of strange) coordinator.say(message);
    await reached(participant, 'ended');
    expect(seen.faults.map(({ code }) => code)).toEqual(strange.map(() => 'message-malformed'));
    expect(coordinator.uploads).toHaveLength(1);
  });
});
