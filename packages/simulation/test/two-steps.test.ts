/** A coordinator that tells members of one secure sum different steps, to weigh their updates apart. */
import {
  type BlobHash,
  parseManifest,
  type RunId,
  type SumEncoding,
  sumTask,
  type TaskManifest,
} from '@tributary/fl-core';
import {
  closeRoster,
  openSecureSum,
  parseOffer,
  readOffer,
  type SecAggError,
  type SecureSum,
  type SumTask,
} from '@tributary/privacy';
import { plainCrypto } from '@tributary/privacy/plain-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededCrypto, seededDevice } from '../src/secure-sum/seeded-crypto.ts';

const MANIFEST: TaskManifest = parseManifest({
  manifestVersion: 1,
  name: 'two steps',
  seed: 'two steps',
  model: { kind: 'softmax-regression', inputSize: 4, classes: 2 },
  data: { kind: 'image', height: 2, width: 2, channels: 1, labels: ['a', 'b'] },
  training: { optimiser: { kind: 'sgd', learningRate: 0.1 }, epochs: 1, batchSize: 2 },
  rounds: { committedRounds: 3, reportGoal: 8, overSelection: 1, minimumSurvivors: 3 },
  aggregation: { weighting: 'equal', serverOptimiser: { kind: 'sgd' } },
  compression: {
    codec: 'tuned',
    ringBits: 12,
    rotation: 'blocks',
    sampling: { kind: 'random-k', fraction: 1 },
  },
  secureAggregation: { mode: 'sa-1' },
});
const ROUND = {
  runId: 'run-a' as RunId,
  roundNumber: 1,
  modelHash: '1'.repeat(64) as BlobHash,
  modelLog: '2'.repeat(64) as BlobHash,
};
const TOLD: SumEncoding = { step: 0.01, fraction: 1 };
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const BEACON = new Uint8Array(32).fill(7);
const crypto = plainCrypto(() => {
  throw new Error('randomness comes from the seed');
});

interface Member {
  readonly sum: SecureSum;
  readonly offer: { readonly identity: Uint8Array; readonly bytes: Uint8Array };
}

const taskOf = (encoding: SumEncoding): SumTask => sumTask(MANIFEST, { ...ROUND, encoding });

async function memberTold(encoding: SumEncoding, name: string): Promise<Member> {
  const { publicKey, sign } = seededDevice(name);
  const sum = openSecureSum({
    task: taskOf(encoding),
    identity: publicKey,
    sign,
    crypto: seededCrypto(crypto, name),
    policy: { minimumCohort: 3, minimumSurvivors: 3 },
  });
  return { sum, offer: { identity: publicKey, bytes: await sum.offerKeys() } };
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: SecAggError) => error.code,
  );

describe.each([
  ['another step', { ...TOLD, step: 0.02 }],
  ['another fraction', { ...TOLD, fraction: 0.5 }],
])('[C-5] a coordinator that tells one member %s', (_, lie) => {
  let others: Member[];
  let victim: Member;

  beforeAll(async () => {
    others = await Promise.all(NAMES.map((name) => memberTold(TOLD, name)));
    victim = await memberTold(lie, 'victim');
  });

  it('gets keys that are signed for another sum', async () => {
    for (const { offer } of others)
      expect(await codeOf(readOffer(offer, taskOf(TOLD), crypto))).toBe('accepted');
    expect(await codeOf(readOffer(victim.offer, taskOf(TOLD), crypto))).not.toBe('accepted');
    expect(await codeOf(readOffer(victim.offer, taskOf(lie), crypto))).toBe('accepted');
  });

  it('finds nobody who shares secrets in a cohort of both', async () => {
    const offers = [...others, victim].map(({ offer }) =>
      parseOffer(Uint8Array.of(...offer.identity, ...offer.bytes)),
    );
    const roster = closeRoster(offers, taskOf(TOLD)).bytes;
    for (const { sum } of [...others, victim]) {
      const code = await codeOf(sum.shareSecrets({ roster, beacon: BEACON }));
      expect(code).toBe('secagg-roster-invalid');
    }
  });

  it('and without the lie they share', async () => {
    const honest = await Promise.all(NAMES.map((name) => memberTold(TOLD, name)));
    const offers = honest.map(({ offer }) => parseOffer(Uint8Array.of(...offer.identity, ...offer.bytes)));
    const roster = closeRoster(offers, taskOf(TOLD)).bytes;
    for (const { sum } of honest) {
      expect(await codeOf(sum.shareSecrets({ roster, beacon: BEACON }))).toBe('accepted');
    }
  });
});
