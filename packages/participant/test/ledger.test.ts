/** The ledger beside what really leaves, as an independent proxy sees it. */
import { blobHashOf, TributaryError } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { createMemoryStorage, createPlainDeviceKey, type LedgerEntry } from '../src/index.ts';
import { createLedger } from '../src/ledger/ledger.ts';
import { aCoordinator, aParticipant, aProxy, reached, watch } from './participant-scene.ts';
import { RUN_ID, TICKET } from './small-coordinator.ts';

describe('the ledger', () => {
  it('[L-3] keeps the exact bytes of every message, under the hash that it lists', async () => {
    const coordinator = await aCoordinator();
    const proxy = await aProxy(coordinator.port);
    const participant = await aParticipant({ coordinatorUrl: proxy.url });
    await participant.start();
    await reached(participant, 'ended');
    await participant.dispose();
    const sent = (await participant.ledger()).filter(({ bytes }) => bytes > 0);
    const kept = await Promise.all(sent.map(({ sha256 }) => participant.sentPayload(sha256)));
    expect(kept.map((payload) => blobHashOf(payload!))).toEqual(sent.map(({ sha256 }) => sha256));
    const texts = (payloads: (Uint8Array | null)[]) =>
      payloads.map((payload) => Buffer.from(payload!).toString('latin1')).sort();
    expect(texts(kept)).toEqual(texts(proxy.payloads()));
  });

  it('[L-3] lists shares that were revealed, and does not keep them: they are of other people’s secrets', async () => {
    const storage = createMemoryStorage();
    const ledger = createLedger({ runId: RUN_ID, storage, clock: { now: () => 0, after: () => () => {} } });
    const payload = new Uint8Array(64).fill(7);
    for (const subject of ['sealed-shares', 'revealed-shares'] as const)
      await ledger.record({
        kind: 'message',
        subject,
        payload: payload.map((byte) => byte + subject.length),
        roundNumber: 1,
      });
    const [sealed, revealed] = await storage.readLedger();
    expect(revealed).toMatchObject({ subject: 'revealed-shares', bytes: 64 });
    expect(await storage.sentPayload(sealed!.sha256)).not.toBeNull();
    expect(await storage.sentPayload(revealed!.sha256)).toBeNull();
  });

  it('[L-5] lets nothing leave that it cannot write down: neither a message nor an update', async () => {
    for (const unwritable of ['announcement', 'update'] as const) {
      const coordinator = await aCoordinator();
      const proxy = await aProxy(coordinator.port);
      const memory = createMemoryStorage();
      const full = () => Promise.reject(new TributaryError('storage-full', 'no room'));
      let isFull = false;
      const storage: typeof memory = {
        ...memory,
        appendToLedger(entry, payload) {
          isFull ||= entry.subject === unwritable;
          return isFull ? full() : memory.appendToLedger(entry, payload);
        },
      };
      const participant = await aParticipant({ coordinatorUrl: proxy.url, storage });
      const seen = watch(participant);
      await participant.start();
      await reached(participant, 'left');
      expect(seen.faults).toContainEqual(expect.objectContaining({ code: 'ledger-unwritable' }));
      await participant.dispose();
      expect(coordinator.uploads).toHaveLength(0);
      const written = await memory.readLedger();
      const sizes = (items: { length: number }[]) => items.reduce((sum, { length }) => sum + length, 0);
      expect(written.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sizes(proxy.payloads()));
    }
  });

  it('rather forgets what it sent earlier than to stop, and sums up the keep-alives of an hour', async () => {
    const storage = createMemoryStorage();
    const seen: LedgerEntry[] = [];
    let now = 0;
    let room = 2;
    const ledger = createLedger({
      runId: RUN_ID,
      storage: {
        ...storage,
        async appendToLedger(entry, payload) {
          if (payload && room === 0) throw new TributaryError('storage-full', 'no room');
          room -= payload ? 1 : 0;
          return storage.appendToLedger(entry, payload);
        },
      },
      clock: { now: () => now, after: () => () => {} },
      onEntry: (entry) => seen.push(entry),
    });
    const pong = {
      kind: 'protocol',
      subject: 'keep-alive',
      payload: Uint8Array.of(51),
      roundNumber: null,
    } as const;
    for (; now < 4000_000; now += 25_000) await ledger.record(pong);
    const summed = await storage.readLedger();
    expect(summed.map(({ times, bytes }) => [times, bytes])).toEqual([
      [144, 144],
      [16, 16],
    ]);
    expect(seen).toHaveLength(160);
    expect(seen.at(-1)).toEqual(summed[1]);
    const message = {
      kind: 'message',
      subject: 'goodbye',
      payload: Uint8Array.of(1, 2),
      roundNumber: null,
    } as const;
    await ledger.record(message);
    expect(await storage.readLedger()).toHaveLength(3);
    expect(await storage.sentPayload(summed[0]!.sha256)).toBeNull();
  });

  it('[L-1] [L-2] has byte for byte what an independent proxy sees leaving, protocol frames included', async () => {
    const coordinator = await aCoordinator({ rounds: 2 });
    const proxy = await aProxy(coordinator.port);
    const participant = await aParticipant({ coordinatorUrl: proxy.url });
    await participant.start();
    await reached(participant, 'ended');
    await participant.dispose();

    const ledger = await participant.ledger();
    const payloads = proxy.payloads();
    const sizes = (items: { length: number }[]) => items.reduce((sum, { length }) => sum + length, 0);
    expect(ledger.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sizes(payloads));
    const counted = ledger.filter(({ bytes }) => bytes > 0);
    expect(counted.map(({ sha256 }) => sha256).sort()).toEqual(
      payloads.map((payload) => blobHashOf(payload)).sort(),
    );
    expect(counted.filter(({ kind }) => kind === 'upload').map(({ bytes }) => bytes)).toEqual(
      coordinator.uploads.map(({ length }) => length),
    );
    expect(ledger.filter(({ kind }) => kind === 'request').every(({ bytes }) => bytes === 0)).toBe(true);
  });

  it('[L-1] and no event hold the device key, a signature or the ticket', async () => {
    const coordinator = await aCoordinator();
    const secret = new Uint8Array(32).fill(0xab);
    const storage = { ...createMemoryStorage(), deviceKey: () => createPlainDeviceKey(secret) };
    const participant = await aParticipant({ coordinatorUrl: coordinator.url, storage });
    const seen = watch(participant);
    await participant.start();
    await reached(participant, 'ended');
    const checkIn = coordinator.received.find((message) => message.type === 'checkIn');
    const { signature } = checkIn as { signature: string };
    expect(signature).toMatch(/^[0-9a-f]{128}$/);
    const told = JSON.stringify([await participant.ledger(), seen.everything]);
    expect(told).not.toContain('ab'.repeat(32));
    expect(told).not.toContain('171,171,171');
    expect(told).not.toContain(signature);
    expect(told).not.toContain(TICKET);
  });
});
