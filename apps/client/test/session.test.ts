/** A visit whose browser makes it wait for its turn. */
import { type BlobHash, type JoinInfo, parseManifest, type RunId } from '@tributary/fl-core';
import { createMemoryStorage, createMemoryVault, privateDataOf } from '@tributary/participant';
import { afterEach, expect, it, vi } from 'vitest';
import { openSession } from '../src/participant-page/session.ts';

const manifest = parseManifest({
  manifestVersion: 1,
  name: 'digits',
  seed: 's',
  model: { kind: 'softmax-regression', inputSize: 4, classes: 2 },
  data: { kind: 'image', height: 2, width: 2, channels: 1, labels: ['a', 'b'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 10 },
  rounds: { committedRounds: 3, reportGoal: 2, minimumSurvivors: 1 },
  aggregation: { serverOptimiser: { kind: 'sgd' } },
});

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

it('does not take part when Stop was pressed while Start still waited for another tab', async () => {
  const lock = lockInTime();
  vi.stubGlobal('location', { origin: 'http://127.0.0.1:9', search: '' });
  const vault = createMemoryVault('session');
  await vault.create(
    { name: 'some', schema: manifest.data, source: { kind: 'generated' }, encrypted: false },
    { inputs: new Uint8Array(8), rowSize: 4, labels: [0, 1] },
  );
  const join: JoinInfo = {
    runId: 'run-00000000' as RunId,
    status: 'running',
    manifest,
    modelHash: '0'.repeat(64) as BlobHash,
    committedRounds: 0,
  };
  const data = privateDataOf(vault, { runId: join.runId, data: manifest.data });
  const records = { storage: createMemoryStorage(), durable: false };
  const session = await openSession({ ticket: 't', join, records, data });

  const started = session.start();
  await session.stop();
  lock.grant();
  await started;
  await vi.waitFor(() => expect(lock.isHeld()).toBe(false));
  expect(session.snapshot().takingPart).toBe(false);
  expect(session.snapshot().view.participation.activity.phase).not.toBe('checkingIn');
  await session.close();
});
