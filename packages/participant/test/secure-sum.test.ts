/** Rounds with secure aggregation: several participants, over real sockets and real HTTP, and coordinators that lie. */
import {
  blobHashOf,
  type CoordinatorMessage,
  parseManifest,
  type RunId,
  type TaskManifestInput,
} from '@tributary/fl-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeInPlace } from '../src/encoding/update-encoder.ts';
import {
  createMemoryStorage,
  type Participant,
  type SecureSumReport,
  type UpdateEncoder,
} from '../src/index.ts';
import { createMeasuredTrainer } from './measured-trainer.ts';
import { aParticipant, aProxy, reached, someExamples, until, watch } from './participant-scene.ts';
import { openSecureCoordinator } from './secure-coordinator.ts';
import { RUN_ID, TASK } from './small-coordinator.ts';

const SECURE: Partial<TaskManifestInput> = {
  rounds: { committedRounds: 1, reportGoal: 6, overSelection: 1, minimumSurvivors: 3, comeBackSeconds: 60 },
  compression: { codec: 'quantised', valueBits: 16, bound: 1 },
  secureAggregation: { mode: 'sa-1', corruptFraction: 0, dropoutFraction: 0.16 },
};
const manifest = parseManifest({ ...TASK, ...SECURE });

async function aSecureCoordinator(options: Parameters<typeof openSecureCoordinator>[1]) {
  const coordinator = await openSecureCoordinator(manifest, options);
  onTestFinished(() => coordinator.close());
  return coordinator;
}

interface Joined {
  readonly participant: Participant;
  /** Examples that it trains on. */
  readonly weight: number;
  readonly storage: ReturnType<typeof createMemoryStorage>;
  readonly reports: SecureSumReport[];
  readonly seen: ReturnType<typeof watch>;
}

/** As one in a worker does: the delta that it was given has no buffer afterwards. */
const takesTheDelta: UpdateEncoder = {
  ...encodeInPlace,
  async vectors(update, round) {
    const code = await encodeInPlace.vectors(update, round);
    structuredClone(update.modelDelta.values, { transfer: [update.modelDelta.values.buffer as ArrayBuffer] });
    return code;
  },
};

/** Each has other examples, and an update of another size. */
async function join(url: string, index: number, minimumCohort = 3): Promise<Joined> {
  const storage = createMemoryStorage();
  const data = await someExamples(40 + 5 * index);
  const participant = await aParticipant({
    ...{ coordinatorUrl: url, manifest, storage, data },
    trainer: createMeasuredTrainer({ stepSize: 0.0001 * (index + 1) }),
    secureSum: { minimumCohort },
    ...(index % 2 === 1 && { encoder: takesTheDelta }),
  });
  const reports: SecureSumReport[] = [];
  participant.on('secureSum', (report) => reports.push(report));
  const seen = watch(participant);
  await participant.start();
  return { participant, storage, reports, seen, weight: (await data.trainingExamples()).count };
}

const stagesOf = ({ reports }: Joined) => reports.map(({ stage }) => stage);
const codesOf = ({ reports }: Joined) => reports.flatMap((report) => ('code' in report ? [report.code] : []));

describe('a round with secure aggregation', () => {
  it('[P-15] opens the sum of all, and tells of single ones no count, figure or speed', async () => {
    const coordinator = await aSecureCoordinator({ cohort: 5 });
    const joined = await Promise.all(Array.from({ length: 5 }, (_, i) => join(coordinator.url, i)));
    const [update, tail] = await coordinator.opened;
    await Promise.all(joined.map(({ participant }) => reached(participant, 'ended')));

    for (const one of joined) {
      expect(stagesOf(one)).toEqual(['sharing', 'masking', 'confirming', 'revealed']);
      expect(one.seen.faults).toEqual([]);
      expect(one.reports.at(-1)?.group).toMatchObject({ cohort: 5, survivors: 5, shareThreshold: 3 });
    }
    expect([...tail.slice(0, 2)]).toEqual([5, joined.reduce((sum, { weight }) => sum + weight, 0)]);
    // What everybody adds to every parameter, weighted; rounding is at random, by at most one level each.
    expect(Math.max(...update) - Math.min(...update)).toBeLessThanOrEqual(10);
    expect(Math.abs(update[0]!)).toBeGreaterThan(0);

    const spoken = JSON.stringify(coordinator.received.filter(({ type }) => type !== 'checkIn'));
    expect(spoken).not.toMatch(/exampleCount|examplesPerSecond|accuracy|loss/);
    for (const message of coordinator.received)
      if (message.type === 'checkIn') expect(message.exampleCount).toBe(manifest.eligibility.minimumExamples);
  });

  it('opens the sum of those who are left', async () => {
    const coordinator = await aSecureCoordinator({ cohort: 5, isLost: (index) => index === 2 });
    await Promise.all(Array.from({ length: 5 }, (_, i) => join(coordinator.url, i)));
    const [, tail] = await coordinator.opened;
    expect(tail[0]).toBe(4);
  });

  it('[L-1] [L-2] [L-3] writes down every byte of it, as a proxy sees it, attachments and masked update included', async () => {
    const coordinator = await aSecureCoordinator({ cohort: 5 });
    const proxy = await aProxy(coordinator.port);
    const joins = [0, 1, 2, 3, 4].map((i) => join(i === 0 ? proxy.url : coordinator.url, i));
    const [mine] = await Promise.all(joins);
    await coordinator.opened;
    await reached(mine!.participant, 'ended');
    await mine!.participant.dispose();
    const counted = (await mine!.participant.ledger()).filter(({ bytes }) => bytes > 0);
    expect(counted.map(({ sha256 }) => sha256).sort()).toEqual(
      proxy
        .payloads()
        .map((payload) => blobHashOf(payload))
        .sort(),
    );
    expect(counted.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining([
        ...['keys-offer', 'sealed-shares', 'masked-announcement', 'masked-update'],
        ...['survivors-signature', 'revealed-shares'],
      ]),
    );
    const upload = counted.find(({ kind }) => kind === 'upload')!;
    const kept = await mine!.participant.sentPayload(upload.sha256);
    expect(coordinator.uploads.map((frame) => blobHashOf(frame))).toContain(blobHashOf(kept!));
  });

  it('[P-17] answers what it is asked again with the same bytes', async () => {
    const coordinator = await aSecureCoordinator({ cohort: 5 });
    coordinator.tamper = (message) => (isOfStage(message) ? [message, message] : [message]);
    await Promise.all([0, 1, 2, 3, 4].map((i) => join(coordinator.url, i)));
    await coordinator.opened;
    for (const type of ['sharesSealed', 'survivorsConfirmed', 'sharesRevealed']) {
      const answers = coordinator.received.filter((message) => message.type === type);
      const distinct = new Set(answers.map((message) => JSON.stringify(message)));
      expect(distinct.size, type).toBe(5);
    }
    expect(new Set(coordinator.uploads.map((frame) => blobHashOf(frame))).size).toBe(5);
  });

  it('makes one pair of keys for a round, also when it is asked again while it makes them', async () => {
    const coordinator = await aSecureCoordinator({ cohort: 5 });
    let invitation: CoordinatorMessage | null = null;
    coordinator.tamper = (message) => {
      if (message.type === 'invited') invitation = message;
      return [message];
    };
    const storage = createMemoryStorage();
    const openings: (() => void)[] = [];
    const spentRound = async (runId: RunId) => {
      await new Promise<void>((resolve) => openings.push(resolve));
      return storage.spentRound(runId);
    };
    const participant = await aParticipant({
      ...{ coordinatorUrl: coordinator.url, manifest, storage: { ...storage, spentRound } },
      secureSum: { minimumCohort: 3 },
    });
    await participant.start();
    await until(() => openings.length > 0);
    const isHeard = new Promise<void>((resolve) => participant.on('state', () => resolve()));
    coordinator.say(invitation!);
    // Of another round, and heard after the invitation.
    const modelHash = blobHashOf(new Uint8Array());
    coordinator.say({
      ...{ type: 'roundCommitted', roundNumber: 9, modelHash, survivors: 3 },
      accepted: false,
    });
    await isHeard;
    for (const open of openings.toReversed()) open();
    await until(() => coordinator.received.some(({ type }) => type === 'keysOffered'));
    expect(openings).toHaveLength(1);
  });
});

describe('a device refuses', () => {
  it('[P-21] a run whose groups are never as large as its owner asks for, before it trains', async () => {
    const coordinator = await aSecureCoordinator({ cohort: 5 });
    await expect(join(coordinator.url, 0, 7)).rejects.toMatchObject({ code: 'secagg-cohort-too-small' });
    expect(coordinator.received).toEqual([]);
  });

  it('[P-21] a group smaller than its owner asks for, with nothing but keys sent', async () => {
    const coordinator = await aSecureCoordinator({ cohort: 5 });
    const joined = await Promise.all([0, 1, 2, 3, 4].map((i) => join(coordinator.url, i, i === 0 ? 6 : 3)));
    await until(() => codesOf(joined[0]!).length > 0);
    expect(codesOf(joined[0]!)).toEqual(['secagg-cohort-too-small']);
    await reached(joined[0]!.participant, 'waiting');
    await until(() => coordinator.received.some(({ type }) => type === 'withdraw'));
    expect(coordinator.received).toContainEqual({
      type: 'withdraw',
      roundNumber: 1,
      reason: 'secure-sum-refused',
    });
    await until(() => coordinator.received.filter(({ type }) => type === 'sharesSealed').length === 4);
    expect(joined[0]!.seen.entries.map(({ subject }) => subject)).not.toContain('sealed-shares');
    // And nothing of its model delta was ever stored.
    expect(await joined[0]!.storage.loadUpdate(RUN_ID, 1)).toBeNull();
  });

  it.each([
    [
      'a second roster',
      'secagg-equivocation',
      (message) => [message, { ...message, beacon: message.beacon.map((byte: number) => byte ^ 1) }],
      'rosterClosed',
    ],
    [
      'a roster without itself as it offered itself',
      'secagg-roster-invalid',
      (message) => [
        {
          ...message,
          bytes: message.bytes.map((byte: number, i: number) => (i % 192 === 40 ? byte ^ 1 : byte)),
        },
      ],
      'rosterClosed',
    ],
    [
      'shares that do not open',
      'secagg-share-invalid',
      (message) => [
        { ...message, bytes: message.bytes.map((byte: number, i: number) => (i === 3 ? byte ^ 1 : byte)) },
      ],
      'sharesDelivered',
    ],
    [
      'to be dead',
      'secagg-survivors-invalid',
      (message, index) => [
        { ...message, survivors: message.survivors.map((byte: number) => byte & ~(1 << index)) },
      ],
      'survivorsClosed',
    ],
    [
      'signatures of others under other survivors',
      'secagg-survivors-unconfirmed',
      (message) => [
        {
          ...message,
          bytes: message.bytes.map((byte: number, i: number) => (i % 66 === 9 ? byte ^ 1 : byte)),
        },
      ],
      'unmaskRequested',
    ],
  ] as const satisfies readonly [string, string, Change, string][])(
    '[P-18] %s: %s',
    async (_, code, change, type) => {
      const coordinator = await aSecureCoordinator({ cohort: 5 });
      coordinator.tamper = (message, index) =>
        message.type === type && index === 1 ? (change as Change)(message, index) : [message];
      const joined = await Promise.all([0, 1, 2, 3, 4].map((i) => join(coordinator.url, i)));
      await until(() => joined.some((one) => codesOf(one).length > 0));
      const refused = joined.filter((one) => codesOf(one).length > 0);
      expect(refused.map(codesOf)).toEqual([[code]]);
      await until(() => coordinator.received.some(({ type: sent }) => sent === 'withdraw'));
      const { participation } = refused[0]!.participant.view;
      expect(participation.activity).toMatchObject({ phase: 'waiting', reason: 'secure-sum-refused', code });
    },
  );
});

describe('a device that lost the secrets of a sum', () => {
  it('sends no masked update when another tab of its browser has masked one since', async () => {
    const coordinator = await aSecureCoordinator({ cohort: 5 });
    const storage = { ...createMemoryStorage(), spendRound: async () => false };
    const slower = await aParticipant({
      ...{ coordinatorUrl: coordinator.url, manifest, storage, secureSum: { minimumCohort: 3 } },
    });
    const reports: SecureSumReport[] = [];
    slower.on('secureSum', (report) => reports.push(report));
    await slower.start();
    await Promise.all([1, 2, 3, 4].map((i) => join(coordinator.url, i)));
    await until(() => coordinator.uploads.length === 4 && reports.some(({ stage }) => stage === 'lost'));
    expect(reports.at(-1)).toMatchObject({ stage: 'lost', code: 'secagg-state-lost' });
    expect(coordinator.received.filter(({ type }) => type === 'masked')).toHaveLength(4);
  });

  it('[P-16] [P-20] drops out after a reload and says so, and enters no second session of that round', async () => {
    const coordinator = await aSecureCoordinator({ cohort: 5 });
    // Nobody is told the survivors, so all wait with their updates sent.
    coordinator.tamper = (message) => (message.type === 'survivorsClosed' ? [] : [message]);
    const joined = await Promise.all([0, 1, 2, 3, 4].map((i) => join(coordinator.url, i)));
    await until(() => coordinator.uploads.length === 5);
    const [{ participant, storage }] = joined as [Joined];
    await reached(participant, 'reported');
    await participant.dispose();
    expect(await storage.spentRound(RUN_ID as RunId)).toBe(1);

    const secureSum = { minimumCohort: 3 };
    const again = await aParticipant({ coordinatorUrl: coordinator.url, manifest, storage, secureSum });
    const reports: SecureSumReport[] = [];
    again.on('secureSum', (report) => reports.push(report));
    const seen = watch(again);
    await again.start();
    expect(seen.phases).toContain('waiting');
    // This coordinator invites everybody who checks in, to the same round.
    await until(() => reports.length > 0);
    expect(reports).toMatchObject([{ stage: 'lost', code: 'secagg-state-lost' }]);
    expect(again.view.participation.activity).toMatchObject({ reason: 'secure-sum-lost' });
    expect(coordinator.uploads).toHaveLength(5);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: messages are damaged here in ways that no type foresees
type Change = (message: any, index: number) => readonly CoordinatorMessage[];

const isOfStage = ({ type }: CoordinatorMessage) =>
  ['rosterClosed', 'sharesDelivered', 'survivorsClosed', 'unmaskRequested'].includes(type);
