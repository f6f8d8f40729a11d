/** Behaviours of the runner, over real sockets and real HTTP on an ephemeral port. */
import { blobHashOf, decodeFrame, parameterShapes, plainSha256 } from '@tributary/fl-core';
import { l2Norm } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { createMemoryStorage, createMemoryVault, fetchJoinInfo, privateDataOf } from '../src/index.ts';
import { createMeasuredTrainer } from './measured-trainer.ts';
import {
  aCoordinator,
  aParticipant,
  manifest,
  reached,
  someExamples,
  until,
  watch,
} from './participant-scene.ts';
import { CLIENT_ID, RUN_ID, TICKET } from './small-coordinator.ts';

describe('before a run', () => {
  it('tells what the run is, for the ticket and nothing else', async () => {
    const coordinator = await aCoordinator();
    const storage = createMemoryStorage();
    const info = await fetchJoinInfo({ coordinatorUrl: coordinator.url, ticket: TICKET, storage });
    expect(info).toMatchObject({ runId: RUN_ID, manifest: { name: 'two colours' } });
    expect(await storage.readLedger()).toMatchObject([{ kind: 'request', bytes: 0, runId: null }]);
    expect(coordinator.received).toEqual([]);
  });

  it('passes on why a ticket is not good, and says when nobody is there', async () => {
    const coordinator = await aCoordinator();
    const storage = createMemoryStorage();
    const ask = (coordinatorUrl: string) => fetchJoinInfo({ coordinatorUrl, ticket: 'another', storage });
    await expect(ask(coordinator.url)).rejects.toMatchObject({ code: 'ticket-invalid' });
    await expect(ask('http://127.0.0.1:1')).rejects.toThrow('the coordinator cannot be reached');
  });
});

describe('a round', () => {
  it('[L-3] goes from check-in to a committed model, and uploads exactly what was announced', async () => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    const seen = watch(participant);
    await participant.start();
    const { participation } = await reached(participant, 'ended');

    expect(seen.phases).toEqual([
      ...[
        'checkingIn',
        'waiting',
        'downloading',
        'training',
        'ready',
        'uploading',
        'reported',
        'waiting',
        'ended',
      ],
    ]);
    expect(participation.contributions).toBe(1);
    expect(seen.faults).toEqual([]);

    const [upload] = coordinator.uploads;
    const ready = coordinator.received.find((message) => message.type === 'ready');
    expect(ready).toMatchObject({ updateHash: blobHashOf(upload!), updateBytes: upload!.length });
    expect(await participant.sentPayload(blobHashOf(upload!))).toEqual(new Uint8Array(upload!));
  });

  it('[P-11] trains with the seed of run, client and round, and announces trained minus initial', async () => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    await participant.start();
    await reached(participant, 'ended');

    const [request] = trainer.requests;
    expect(request).toMatchObject({ seed: `seed/${CLIENT_ID}/1`, initial: coordinator.initial });
    const retrained = await createMeasuredTrainer().train(request!);
    const delta = decodeFrame(coordinator.uploads[0]!, { sha256: plainSha256 });
    expect(delta.shapes).toEqual(parameterShapes(manifest.model));
    const expected = retrained.parameters.values.map((value, i) => value - coordinator.initial.values[i]!);
    expect(delta.values).toEqual(expected);
  });

  it('measures on own held-out examples before and after; only the shared model is reported', async () => {
    const coordinator = await aCoordinator();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url });
    const seen = watch(participant);
    await participant.start();
    await until(() => seen.evaluations.length === 3);
    expect(seen.evaluations.map(({ moment }) => moment)).toEqual(['before', 'after', 'final']);
    const { modelHash } = coordinator;
    const heldOut = await (await someExamples()).heldOutExamples();
    expect(coordinator.received.filter(({ type }) => type === 'evaluated')).toEqual([
      {
        type: 'evaluated',
        roundNumber: 1,
        modelHash,
        exampleCount: heldOut!.count,
        accuracy: 0.75,
        loss: 0.5,
      },
    ]);
  });

  it('[P-11] clips the delta to the clipping norm of the task', async () => {
    const clippingNorm = 0.01;
    const task = { privacy: { mode: 'none', clippingNorm } } as const;
    const coordinator = await aCoordinator({ task });
    const participant = await aParticipant({
      coordinatorUrl: coordinator.url,
      manifest: coordinator.manifest,
    });
    await participant.start();
    await reached(participant, 'ended');
    const { values } = decodeFrame(coordinator.uploads[0]!, { sha256: plainSha256 });
    expect(l2Norm(values)).toBeLessThanOrEqual(clippingNorm);
    expect(l2Norm(values)).toBeGreaterThan(0.99 * clippingNorm);
  });

  it('[P-13] leaves a coordinator that admits to another plan than the one agreed to, before anything else', async () => {
    const coordinator = await aCoordinator({ task: { privacy: { mode: 'none', clippingNorm: 9 } } });
    const trainer = createMeasuredTrainer();
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'left');
    await until(() => coordinator.received.some(({ type }) => type === 'leave'));
    expect(coordinator.received.at(-1)).toMatchObject({ type: 'leave', reason: 'plan-changed' });
    expect(seen.faults).toMatchObject([{ code: 'plan-changed' }]);
    expect(coordinator.downloads.count).toBe(0);
    expect(trainer.requests).toEqual([]);
  });

  it.each(['training', 'reported'])(
    '[P-13] leaves when it is admitted to another plan later, while %s',
    async (phase) => {
      const coordinator = await aCoordinator({ waits: true });
      const trainer = createMeasuredTrainer({ epochMs: 20 });
      const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
      const seen = watch(participant);
      await participant.start();
      await reached(participant, phase);
      const uploads = coordinator.uploads.length;
      const other = { ...manifest, compression: { ...manifest.compression, codec: 'truncated' } };
      coordinator.say({ type: 'admitted', runId: RUN_ID, clientId: CLIENT_ID, manifest: other });
      await reached(participant, 'left');
      await until(() => coordinator.received.at(-1)?.type === 'leave');
      expect(coordinator.received.at(-1)).toMatchObject({ reason: 'plan-changed' });
      expect(seen.faults).toMatchObject([{ code: 'plan-changed' }]);
      expect(coordinator.uploads.length).toBe(uploads);
    },
  );

  it('[P-13] goes on with nothing of an earlier visit under a plan that is no longer the one agreed to', async () => {
    const storage = createMemoryStorage();
    const before = await aCoordinator({ task: { privacy: { mode: 'none', clippingNorm: 9 } }, waits: true });
    const earlier = await aParticipant({
      ...{ coordinatorUrl: before.url, manifest: before.manifest, storage },
      trainer: createMeasuredTrainer({ epochMs: 200 }),
    });
    await earlier.start();
    await reached(earlier, 'training');
    await earlier.dispose();
    // Nobody answers now: whatever is done is done with what is stored.
    await before.close();
    const trainer = createMeasuredTrainer();
    const participant = await aParticipant({ coordinatorUrl: before.url, storage, trainer });
    await participant.start();
    expect(participant.view.participation.activity.phase).toBe('checkingIn');
    expect(await storage.heldModel(RUN_ID)).toBeNull();
    expect(trainer.requests).toEqual([]);
  });

  it.each([
    ['values beyond the bound', 1e6, 'update-out-of-range'],
    ['values that are not numbers', Number.NaN, 'update-not-finite'],
  ])('uploads nothing when the delta has %s', async (_what, stepSize, code) => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer({ stepSize });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    const seen = watch(participant);
    await participant.start();
    await until(() => coordinator.received.some(({ type }) => type === 'withdraw'));
    expect(seen.faults.map((fault) => fault.code)).toEqual([code]);
    expect(coordinator.uploads).toEqual([]);
  });

  it('does not start without examples', async () => {
    const coordinator = await aCoordinator();
    const data = privateDataOf(createMemoryVault('device'), { runId: RUN_ID, data: manifest.data });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, data });
    await expect(participant.start()).rejects.toMatchObject({ code: 'data-missing' });
  });
});

describe('stopping', () => {
  it('stops training within a second of an abort, and sends nothing more', async () => {
    const coordinator = await aCoordinator();
    const controller = new AbortController();
    const trainer = createMeasuredTrainer({ epochMs: 200 });
    const participant = await aParticipant({
      coordinatorUrl: coordinator.url,
      trainer,
      signal: controller.signal,
    });
    await participant.start();
    await until(() => trainer.epochsComputed === 1);
    const sentBefore = (await participant.ledger()).length;
    const abortedAt = Date.now();
    controller.abort();
    await until(() => trainer.stoppedAt !== null);
    expect(trainer.stoppedAt! - abortedAt).toBeLessThan(1000);
    await participant.dispose();
    expect(await participant.ledger()).toHaveLength(sentBefore);
    await expect(participant.start()).rejects.toThrow();
  });

  it('says goodbye on leaving, and comes back on start', async () => {
    const coordinator = await aCoordinator();
    const trainer = createMeasuredTrainer({ epochMs: 100 });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    await participant.start();
    await until(() => trainer.epochsComputed === 1);
    await participant.leave();
    await until(() => coordinator.received.some(({ type }) => type === 'leave'));
    await until(() => trainer.stoppedAt !== null);
    expect(participant.view.participation.activity).toEqual({ phase: 'left', reason: 'stopped-by-person' });
    await participant.start();
    await reached(participant, 'ended');
    expect(coordinator.uploads).toHaveLength(1);
  });

  it.each(['leave', 'pause'] as const)(
    'does not start any more after a %s that came while it still looked for examples',
    async (how) => {
      const coordinator = await aCoordinator();
      const data = await someExamples();
      let answer: (count: number) => void = () => {};
      const slow = { ...data, exampleCount: () => new Promise<number>((resolve) => (answer = resolve)) };
      const participant = await aParticipant({ coordinatorUrl: coordinator.url, data: slow });
      const seen = watch(participant);
      const started = participant.start();
      await participant[how]();
      answer(40);
      await started;
      expect(participant.view.participation.activity.phase).toBe('idle');
      expect(participant.view.pace).not.toBe('pausing');
      expect(seen.phases).not.toContain('checkingIn');
    },
  );

  it('finishes its round before a polite pause, and takes no other until resumed', async () => {
    const coordinator = await aCoordinator({ rounds: 2 });
    const trainer = createMeasuredTrainer({ epochMs: 20 });
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, trainer });
    await participant.start();
    await reached(participant, 'training');
    await participant.pause();
    expect(participant.view.pace).toBe('pausing');
    await reached(participant, 'left');
    expect(participant.view).toMatchObject({ pace: 'paused', participation: { contributions: 1 } });
    await participant.resume();
    await reached(participant, 'ended');
    expect(participant.view).toMatchObject({ pace: 'running', participation: { contributions: 2 } });
  });
});
