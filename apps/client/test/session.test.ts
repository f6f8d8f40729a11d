/** A visit whose browser makes it wait for its turn. */
import { type BlobHash, type JoinInfo, parseManifest, type RunId } from '@tributary/fl-core';
import { createMemoryStorage, createMemoryVault, privateDataOf } from '@tributary/participant';
import { afterEach, expect, it, vi } from 'vitest';
import { openSession } from '../src/participant-page/session.ts';
import { TINY_PICTURES } from './tiny-pictures.ts';

const manifest = parseManifest(TINY_PICTURES);

afterEach(() => vi.unstubAllGlobals());

/** A lock that is granted when the test says so, and tells whether it was let go again. */
function lockInTime() {
  let grant: () => void = () => {};
  let isHeld = false;
  const request = (_name: string, _options: unknown, hold: () => Promise<void>) =>
    new Promise<void>((resolve) => {
      grant = () => {
        isHeld = true;
        void hold().then(() => {
          isHeld = false;
          resolve();
        });
      };
    });
  vi.stubGlobal('navigator', { locks: { request } });
  return { grant: () => grant(), isHeld: () => isHeld };
}

/** Web Locks as the tabs of one browser have them; nothing here needs the shared mode. */
function exclusiveLocks() {
  const last = new Map<string, Promise<unknown>>();
  const held = new Set<string>();
  return {
    async request(name: string, _options: unknown, hold: () => unknown) {
      const before = last.get(name);
      const mine = (async () => {
        await before;
        held.add(name);
        await hold();
        held.delete(name);
      })();
      last.set(name, mine);
      await mine;
    },
    query: async () => ({ held: [...held].map((name) => ({ name })) }),
  };
}

async function aVisit({ storage = createMemoryStorage(), run = 'run-00000000' } = {}) {
  vi.stubGlobal('location', { origin: 'http://127.0.0.1:9', search: '' });
  const vault = createMemoryVault('session');
  await vault.create(
    { name: 'some', schema: manifest.data, source: { kind: 'generated' }, encrypted: false },
    { inputs: new Uint8Array(8), rowSize: 4, labels: [0, 1] },
  );
  const join: JoinInfo = {
    runId: run as RunId,
    status: 'running',
    manifest,
    modelHash: '0'.repeat(64) as BlobHash,
    committedRounds: 0,
  };
  const data = privateDataOf(vault, { runId: join.runId, data: manifest.data });
  const records = { storage, durable: false };
  const session = await openSession({ ticket: 't', join, records, data });
  return { session, data };
}

it('does not take part when Stop was pressed while Start still waited for another tab', async () => {
  const lock = lockInTime();
  const { session } = await aVisit();
  const started = session.start();
  await session.stop();
  lock.grant();
  await started;
  await vi.waitFor(() => expect(lock.isHeld()).toBe(false));
  expect(session.snapshot().takingPart).toBe(false);
  expect(session.snapshot().view.participation.activity.phase).not.toBe('checkingIn');
  await session.close();
});

it('is paused when Pause was pressed while Start still looked for examples', async () => {
  const lock = lockInTime();
  const { session, data } = await aVisit();
  let answer: (count: number) => void = () => {};
  const asked = vi.spyOn(data, 'exampleCount').mockReturnValue(new Promise((resolve) => (answer = resolve)));
  const started = session.start();
  lock.grant();
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  await session.pause('after-round');
  answer(2);
  await started;
  expect(session.snapshot()).toMatchObject({ takingPart: false, paused: true, busy: null });
  expect(session.snapshot().view.participation.activity.phase).toBe('idle');
  await vi.waitFor(() => expect(lock.isHeld()).toBe(false));
  await session.close();
});

it('shows that it takes part when Start is pressed again while another tab still makes it leave', async () => {
  vi.stubGlobal('navigator', { locks: exclusiveLocks() });
  const storage = createMemoryStorage();
  const { session } = await aVisit({ storage });
  const { session: second } = await aVisit({ storage });
  await session.start();
  await vi.waitFor(() => expect(second.snapshot().other).not.toBeNull());
  let goOn: () => void = () => {};
  const saved = storage.saveParticipation;
  storage.saveParticipation = async (...stored) => {
    await new Promise<void>((resolve) => (goOn = resolve));
    storage.saveParticipation = saved;
    return saved(...stored);
  };
  const stopped = second.stop();
  await vi.waitFor(() => expect(session.snapshot().takingPart).toBe(false));
  const started = session.start();
  goOn();
  await stopped;
  await started;
  expect(session.snapshot().takingPart).toBe(true);
  expect(session.snapshot().view.participation.activity.phase).toBe('checkingIn');
  await session.close();
  await second.close();
});

it('erases only when the tabs of other runs have stopped, so that they write nothing afterwards', async () => {
  vi.stubGlobal('navigator', { locks: exclusiveLocks() });
  const storage = createMemoryStorage();
  const { session } = await aVisit({ storage });
  const { session: other } = await aVisit({ storage, run: 'run-11111111' });
  await other.start();
  expect(other.snapshot().takingPart).toBe(true);
  let tookPart: boolean | null = null;
  await session.leaveAndErase(async () => {
    tookPart = other.snapshot().takingPart;
    await storage.erase();
    return 2;
  });
  expect(tookPart).toBe(false);
  expect(session.snapshot()).toMatchObject({ erased: true, keptDataSets: 2 });
  await vi.waitFor(() => expect(other.snapshot().erased).toBe(true));
  await other.close();
  await session.close();
  expect(await storage.readLedger()).toEqual([]);
  expect(await storage.loadParticipation('run-11111111' as RunId)).toBeNull();
});
