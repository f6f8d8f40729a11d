/** The desk of the secure sum between two rounds. */
import {
  type BlobHash,
  type CoordinatorMessage,
  hexToBytes,
  instant,
  openRound,
  type RoundState,
  type RunId,
  stepRound,
  sumTask,
} from '@tributary/fl-core';
import { openSecureSum } from '@tributary/privacy';
import { expect, test } from 'vitest';
import { openNodeCrypto } from '../src/secure-sum/node-crypto.ts';
import { openSecureSumDesk } from '../src/secure-sum/secure-sum-desk.ts';
import type { SealedShareStore } from '../src/storage/sealed-share-store.ts';
import { handMadeIdentity } from './hand-made-identity.ts';
import { secureTask } from './small-task.ts';

const MANIFEST = secureTask();
const RUN_ID = '1'.repeat(32) as RunId;
const HASH = '2'.repeat(64) as BlobHash;
const at = instant(0);
const people = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => handMadeIdentity(name));

test('[D-13] sealed shares that are written when their round is over leave those of the next one alone', async () => {
  let round: RoundState | null = null;
  let write = () => {};
  const slow: SealedShareStore = {
    keep: ({ roundNumber }) =>
      roundNumber === 2
        ? Promise.resolve(true)
        : new Promise((resolve) => {
            write = () => resolve(true);
          }),
    ofRound: async () => new Map(),
    deleteAllBut: async () => {},
  };
  const desk = openSecureSumDesk({
    runId: RUN_ID,
    manifest: MANIFEST,
    sealedShares: slow,
    round: () => round,
  });

  /** Until the members hear of the roster; what each then seals. */
  const begin = async (roundNumber: number) => {
    const about = { roundNumber, modelHash: HASH, modelLog: HASH };
    const opening = { ...about, plan: MANIFEST.rounds, seed: 'desk', previousModelLog: HASH };
    const candidates = people.map(({ clientId }) => clientId);
    round = openRound({ ...opening, stageSeconds: 10, at, candidates }).state;
    const sums = people.map(({ publicKey, sign }) =>
      openSecureSum({
        task: sumTask(MANIFEST, { runId: RUN_ID, ...about, encoding: null }),
        identity: hexToBytes(publicKey),
        sign,
        crypto: openNodeCrypto(),
        policy: { minimumCohort: 3, minimumSurvivors: 3 },
      }),
    );
    for (const [member, { clientId, publicKey }] of people.entries()) {
      const bytes = await sums[member]!.offerKeys();
      const event = await desk.offerKeys({ clientId, publicKey, roundNumber, bytes });
      round = stepRound(round, { ...event, at } as Parameters<typeof stepRound>[1]).state;
    }
    if (!('cohort' in round)) throw new Error('the cohort is not closed');
    const closed = desk.closeRoster(round);
    round = stepRound(round, { ...closed, at } as Parameters<typeof stepRound>[1]).state;
    const roster = desk.complete(
      { type: 'rosterClosed', roundNumber, deadlineSeconds: 10 },
      people[0]!.clientId,
    ) as Extract<CoordinatorMessage, { type: 'rosterClosed' }>;
    const message = { roster: roster.bytes, beacon: roster.beacon };
    return Promise.all(sums.map((sum) => sum.shareSecrets(message)));
  };

  const late = await begin(1);
  const { clientId } = people[0]!;
  const written = desk.sealShares({ clientId, roundNumber: 1, bytes: late[0]! });
  const sealed = await begin(2);
  for (const [member, { clientId: dealer }] of people.entries()) {
    const event = await desk.sealShares({ clientId: dealer, roundNumber: 2, bytes: sealed[member]! });
    round = stepRound(round!, { ...event, at } as Parameters<typeof stepRound>[1]).state;
  }
  expect(round).toMatchObject({ phase: 'reporting' });
  write();
  await written;
  const told = { type: 'sharesDelivered', roundNumber: 2, deadlineSeconds: 10 } as const;
  expect(desk.complete(told, clientId)).toMatchObject({ bytes: { length: 5 * 112 } });
});
