import { describe, expect, it } from 'vitest';
import { type LightSum, openLightSum } from '../../src/lightsecagg/client/light-sum.ts';
import { offerMessage } from '../../src/lightsecagg/derivations.ts';
import { parseRoster, rosterBytes } from '../../src/lightsecagg/roster.ts';
import {
  addMaskedValues,
  deliverShares,
  readOffer,
  readSealedShares,
  readShareSum,
} from '../../src/lightsecagg/server/light-server.ts';
import { type LightSession, openSession } from '../../src/lightsecagg/session.ts';
import type { LightTask } from '../../src/lightsecagg/task.ts';
import { bitmapOf } from '../../src/secagg/bitmap.ts';
import {
  type Device,
  devices,
  lightTask,
  masking,
  POLICY,
  randomInputs,
  sharing,
  unmasking,
} from './parties.ts';

const N = 6;
const ALL = [0, 1, 2, 3, 4, 5];
const TASK = lightTask({ length: 3 });
const VALUES = Int32Array.of(1, -2, 100_000);

const refusal = (code: string) => expect.objectContaining({ code });

interface Group {
  readonly devices: readonly Device[];
  readonly sums: readonly LightSum[];
  readonly roster: Uint8Array;
  readonly session: LightSession;
}

async function group(changes: { task?: LightTask; policy?: typeof POLICY } = {}): Promise<Group> {
  const { task = TASK, policy = POLICY } = changes;
  const members = devices(N, 'refusals');
  const sums = members.map((device) => openLightSum({ ...device, task, policy }));
  const roster = rosterBytes(await linesOf(members, sums));
  const session = openSession(task, parseRoster(roster));
  return { devices: members, sums, roster, session };
}

async function linesOf(members: readonly Device[], sums: readonly LightSum[]) {
  const offers = await Promise.all(sums.map((sum) => sum.offerKey()));
  return members.map(({ identity }, index) => ({
    identity,
    channelKey: offers[index]!.slice(0, 32),
    signature: offers[index]!.slice(32),
  }));
}

/** For the first member, from everybody. */
async function delivery({ sums, roster, session }: Group) {
  const sealed = await Promise.all(
    sums.map(async (sum, dealer) => readSealedShares(session, dealer, await sum.shareMask({ roster }))),
  );
  return { sharers: bitmapOf(N, ALL), bytes: deliverShares(session, 0, sealed) };
}

/** The first member, waiting for the survivors. */
async function masked(changes: Parameters<typeof group>[0] = {}) {
  const parties = await group(changes);
  const first = parties.sums[0]!;
  await first.openShares(await delivery(parties));
  await first.maskValues(VALUES);
  return { ...parties, first };
}

describe('a device in LightSecAgg', () => {
  it('answers the same question with the very same bytes', async () => {
    const parties = await group();
    const first = parties.sums[0]!;
    expect(await first.offerKey()).toBe(await first.offerKey());
    const message = await delivery(parties);
    expect(await first.shareMask({ roster: parties.roster.slice() })).toBe(await first.shareMask(parties));
    await first.openShares(message);
    await first.openShares(message);
    await first.maskValues(VALUES);
    const survivors = bitmapOf(N, ALL);
    const answer = await first.sumShares({ survivors });
    expect(await first.sumShares({ survivors: survivors.slice() })).toBe(answer);
  });

  it('answers for one set of survivors: a second one would give the difference', async () => {
    const { first } = await masked();
    await first.sumShares({ survivors: bitmapOf(N, ALL) });
    const second = first.sumShares({ survivors: bitmapOf(N, [0, 1, 2, 3, 4]) });
    await expect(second).rejects.toEqual(refusal('secagg-equivocation'));
    await expect(first.sumShares({ survivors: bitmapOf(N, ALL) })).rejects.toEqual(
      refusal('secagg-state-lost'),
    );
  });

  it.each([
    ['without itself', [1, 2, 3, 4, 5], 'secagg-survivors-invalid'],
    ['smaller than U', [0, 1, 2], 'secagg-cohort-too-small'],
    ['with somebody beyond the roster', [0, 1, 2, 3, 6], 'secagg-survivors-invalid'],
  ])('refuses survivors %s', async (_, survivors, code) => {
    const { first } = await masked();
    await expect(first.sumShares({ survivors: bitmapOf(8, survivors) })).rejects.toEqual(refusal(code));
  });

  it('refuses survivors who never shared their mask', async () => {
    const parties = await group();
    const { bytes } = await delivery(parties);
    const first = parties.sums[0]!;
    const one = bytes.length / (N - 1);
    await first.openShares({ sharers: bitmapOf(N, [0, 1, 2, 3, 4]), bytes: bytes.subarray(0, 4 * one) });
    await first.maskValues(VALUES);
    await expect(first.sumShares({ survivors: bitmapOf(N, ALL) })).rejects.toEqual(
      refusal('secagg-survivors-invalid'),
    );
  });

  it('holds to its own policy, and to the plan, above U', async () => {
    const task = lightTask({ length: 3, minimumSurvivors: 5 });
    for (const changes of [{ task }, { policy: { minimumCohort: 3, minimumSurvivors: 5 } }]) {
      const { first } = await masked(changes);
      await expect(first.sumShares({ survivors: bitmapOf(N, [0, 1, 2, 3]) })).rejects.toEqual(
        refusal('secagg-cohort-too-small'),
      );
    }
    const { sums, roster } = await group({ policy: { minimumCohort: 7, minimumSurvivors: 3 } });
    await expect(sums[0]!.shareMask({ roster })).rejects.toEqual(refusal('secagg-cohort-too-small'));
  });

  it('hides one input under one mask', async () => {
    const { first } = await masked();
    await expect(first.maskValues(VALUES)).rejects.toEqual(refusal('secagg-equivocation'));
    await expect(first.sumShares({ survivors: bitmapOf(N, ALL) })).rejects.toEqual(
      refusal('secagg-state-lost'),
    );
  });

  it('sends no value that could make the sum wrap', async () => {
    const parties = await group();
    const first = parties.sums[0]!;
    await first.openShares(await delivery(parties));
    await expect(first.maskValues(Int32Array.of(0, 100_001, 0))).rejects.toThrow(RangeError);
  });

  it('drops out when a share does not open: damaged, swapped, from another session, or to somebody else', async () => {
    for (const damage of [flipped, swapped]) {
      const parties = await group();
      const message = await delivery(parties);
      const damaged = { ...message, bytes: damage(message.bytes) };
      await expect(parties.sums[0]!.openShares(damaged)).rejects.toEqual(refusal('secagg-share-invalid'));
    }
    const parties = await group();
    const other = await group({ task: lightTask({ length: 3, modelHash: new Uint8Array(32).fill(9) }) });
    await delivery(parties);
    const foreign = await delivery(other);
    await expect(parties.sums[0]!.openShares(foreign)).rejects.toEqual(refusal('secagg-share-invalid'));
    const second = await group();
    await expect(second.sums[1]!.openShares(await delivery(second))).rejects.toEqual(
      refusal('secagg-share-invalid'),
    );
  });

  it('refuses shares of another number, and to be no sharer', async () => {
    for (const [change, code] of [
      [{ sharers: bitmapOf(N, [0, 1, 2, 3, 4]) }, 'secagg-message-malformed'],
      [{ sharers: bitmapOf(N, [1, 2, 3, 4, 5]) }, 'secagg-survivors-invalid'],
      [{ sharers: bitmapOf(N, [0, 1]) }, 'secagg-cohort-too-small'],
    ] as const) {
      const parties = await group();
      const message = { ...(await delivery(parties)), ...change };
      await expect(parties.sums[0]!.openShares(message)).rejects.toEqual(refusal(code));
    }
  });

  it('takes one roster, and messages in their order', async () => {
    const parties = await group();
    await parties.sums[0]!.shareMask(parties);
    const cut = parties.roster.slice(0, 5 * 128);
    await expect(parties.sums[0]!.shareMask({ roster: cut })).rejects.toEqual(refusal('secagg-equivocation'));
    await expect(parties.sums[1]!.sumShares({ survivors: bitmapOf(N, ALL) })).rejects.toEqual(
      refusal('secagg-stage-mismatch'),
    );
    const racing = parties.sums[2]!;
    const answers = await Promise.allSettled([racing.shareMask(parties), racing.shareMask({ roster: cut })]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('joins no roster that is unsorted, has somebody twice, has a key twice, a wrong signature, or not itself', async () => {
    const members = devices(N, 'rosters');
    const lines = await linesOf(
      members,
      members.map((device) => openLightSum({ ...device, task: TASK, policy: POLICY })),
    );
    const [a, b, ...others] = lines as [(typeof lines)[0], (typeof lines)[0], ...typeof lines];
    const lowOrder = { ...b, channelKey: new Uint8Array(32) };
    // The highest bit counts for nothing.
    const otherForm = b.channelKey.map((byte, at) => (at === 31 ? byte | 128 : byte));
    const resigned = async (line: typeof a, index: number) => {
      return { ...line, signature: await members[index]!.sign(offerMessage(TASK, line)) };
    };
    for (const [roster, code] of [
      [[b, a, ...others], 'secagg-roster-invalid'],
      [[a, a, b, ...others], 'secagg-roster-invalid'],
      [[a, await resigned({ ...b, channelKey: a.channelKey }, 1), ...others], 'secagg-key-invalid'],
      [[a, { ...b, signature: a.signature }, ...others], 'secagg-roster-invalid'],
      [[a, await resigned(lowOrder, 1), ...others], 'secagg-key-invalid'],
      [[a, await resigned({ ...b, channelKey: otherForm }, 1), ...others], 'secagg-key-invalid'],
      [[b, ...others], 'secagg-roster-invalid'],
    ] as const) {
      const first = openLightSum({ ...devices(N, 'rosters')[0]!, task: TASK, policy: POLICY });
      await first.offerKey();
      await expect(first.shareMask({ roster: rosterBytes(roster) })).rejects.toEqual(refusal(code));
    }
  });
});

describe('the coordinator in LightSecAgg', () => {
  it('takes no offer that is too short, not signed for this task, or of low order', async () => {
    const { identity, sign, crypto } = devices(1, 'offers')[0]!;
    const signedOffer = async (channelKey: Uint8Array, task = TASK) => {
      const signature = await sign(offerMessage(task, { identity, channelKey }));
      return { identity, bytes: Uint8Array.from([...channelKey, ...signature]) };
    };
    const key = new Uint8Array(32).fill(9);
    const offer = await signedOffer(key);
    expect((await readOffer(offer, TASK, crypto)).channelKey).toEqual(key);
    const other = await signedOffer(key, lightTask({ roundNumber: 8 }));
    for (const [faulty, code] of [
      [{ identity, bytes: offer.bytes.subarray(1) }, 'secagg-message-malformed'],
      [other, 'secagg-roster-invalid'],
      [await signedOffer(new Uint8Array(32)), 'secagg-key-invalid'],
    ] as const) {
      await expect(readOffer(faulty, TASK, crypto)).rejects.toEqual(refusal(code));
    }
  });

  it('takes no message of another form, and no answer from the dead', async () => {
    const { session } = await group();
    const survivors = bitmapOf(N, [0, 1, 2, 3]);
    expect(() => readSealedShares(session, 0, new Uint8Array(3))).toThrow(
      refusal('secagg-message-malformed'),
    );
    const sum = new Int32Array(3);
    expect(() => addMaskedValues(session, sum, new Uint8Array(10).fill(255))).toThrow(
      refusal('secagg-message-malformed'),
    );
    expect([...sum]).toEqual([0, 0, 0]);
    const answer = { member: 5, survivors, bytes: new Uint8Array(4) };
    expect(() => readShareSum(session, answer)).toThrow(refusal('secagg-survivors-invalid'));
    expect(() => readShareSum(session, { ...answer, member: 1, bytes: new Uint8Array(99) })).toThrow(
      refusal('secagg-message-malformed'),
    );
  });

  it('opens no session in which those who stay could be those who conspire, nor one that is too large', async () => {
    const line = (index: number) => ({
      identity: Uint8Array.of(index),
      channelKey: new Uint8Array(32),
      signature: new Uint8Array(64),
    });
    const roster = (n: number) => ({
      offers: Array.from({ length: n }, (_, i) => line(i)),
      root: new Uint8Array(32),
    });
    const open = (n: number, changes: Partial<LightTask>) => () => openSession(lightTask(changes), roster(n));
    expect(open(10, { corruptFraction: 0.5, dropoutFraction: 0.5 })).toThrow(
      refusal('secagg-parameters-impossible'),
    );
    expect(open(256, {})).toThrow(refusal('secagg-roster-too-large'));
    expect(open(4, { minimumSurvivors: 5 })).toThrow(refusal('secagg-cohort-too-small'));
  });
});

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - 1]! ^= 1;
  return copy;
}

function swapped(bytes: Uint8Array): Uint8Array {
  const one = bytes.length / (N - 1);
  return Uint8Array.from([
    ...bytes.subarray(one, 2 * one),
    ...bytes.subarray(0, one),
    ...bytes.subarray(2 * one),
  ]);
}

describe('a coordinator that tells two halves different survivors', () => {
  /** The members at `from` and after it are told that the first member is gone. */
  const differenceOf = async (dropoutFraction: number, from: number) => {
    const task = lightTask({ corruptFraction: 0, dropoutFraction });
    const inputs = randomInputs(task, N, 'halves');
    const parties = await masking(await sharing(task, N, 'halves'), { sharers: ALL, inputs });
    const all = unmasking(parties, { survivors: ALL, answering: ALL.slice(0, from) });
    const others = unmasking(parties, { survivors: ALL.slice(1), answering: ALL.slice(from) });
    return { first: inputs[0]!, difference: all.map((sum, at) => sum - others[at]!) };
  };

  it('gets the input of one member where 2 U is at most n + T: no device asks what the others were told', async () => {
    const { first, difference } = await differenceOf(0.5, 3);
    expect(difference).toEqual(first);
  });

  it('gets too few answers for one of the two sums above', async () => {
    for (const from of [2, 3, 4]) {
      await expect(differenceOf(0.3, from)).rejects.toEqual(refusal('secagg-below-threshold'));
    }
  });
});
