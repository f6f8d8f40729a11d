/** A coordinator that lies. Whatever it sends, a tab answers one consistent story once, or refuses with its stable code. */
import { createLaneSum } from '@tributary/compression';
import {
  bitmapOf,
  closeRoster,
  deliverShares,
  type KeyOffer,
  openSecureSum,
  openServerSession,
  parseOffer,
  parseRoster,
  readOffer,
  type SecAggErrorCode,
  type SecureSum,
  type SumTask,
} from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { offerKeys } from '../src/secagg/client/offer-keys.ts';
import { revealShares } from '../src/secagg/client/reveal-shares.ts';
import { writeConfirmations } from '../src/secagg/confirmations.ts';
import { offerMessage, survivorsMessage } from '../src/secagg/derivations.ts';
import { nativeCrypto, nativeIdentity } from './native-crypto.ts';
import { finish, gather, openMembers, playScene, range } from './secagg-scene.ts';
import { seededBytes } from './seeded-bytes.ts';

const N = 5;
/** t of the complete graph on them, with a tenth dropping out. */
const THRESHOLD = 3;
const everybody = bitmapOf(N, range(N));
const allBut = (...gone: number[]) =>
  bitmapOf(
    N,
    range(N).filter((member) => !gone.includes(member)),
  );

/** Members who offered keys; the first is told lies. */
async function lineUp(options: Partial<Parameters<typeof openMembers>[0]> = {}) {
  const cast = openMembers({ n: N, ...options });
  const offers: KeyOffer[] = [];
  for (const [member, sum] of cast.members.entries()) {
    const offer = { identity: cast.people[member]!.identity, bytes: await sum.offerKeys() };
    offers.push(await readOffer(offer, cast.taskOf(member), cast.cryptoOf(null)));
  }
  const victim = cast.members[0]!;
  const show = (shown: readonly KeyOffer[]) =>
    victim.shareSecrets({ roster: closeRoster(shown, cast.task).bytes, beacon: cast.beacon });
  const showBytes = (roster: Uint8Array) => victim.shareSecrets({ roster, beacon: cast.beacon });
  return { ...cast, offers, victim, show, showBytes };
}

/** Somebody whom the coordinator invented. */
async function sybil(
  task: SumTask,
  name: string,
  change: (offer: Uint8Array) => void = () => {},
): Promise<KeyOffer> {
  const { identity, sign } = nativeIdentity(seededBytes(name)(32));
  const { state } = await offerKeys({ task, identity, sign, crypto: nativeCrypto(seededBytes(name)) });
  const bytes = state.offer.bytes.slice();
  change(bytes);
  bytes.set(await sign(offerMessage(task, parseOffer(bytes))), 128);
  return parseOffer(bytes);
}

/** As the coordinator receives it. */
const offeredBy = ({ identity, bytes }: KeyOffer, task: SumTask) =>
  readOffer({ identity, bytes: bytes.slice(32) }, task, nativeCrypto(seededBytes(1)));

async function expectRefusal(answer: Promise<unknown>, code: SecAggErrorCode): Promise<void> {
  await expect(answer).rejects.toMatchObject({ name: 'SecAggError', code });
}

/** Up to the survivors. */
async function maskedMembers() {
  const gathering = await gather({ n: N });
  await finish(gathering, { messages: { masked: () => null } });
  const survive = (sharers: Uint8Array, survivors: Uint8Array) =>
    gathering.sums[0]!.confirmSurvivors({ sharers, survivors });
  return { ...gathering, victim: gathering.sums[0]!, survive };
}

describe('a coordinator that shows people different things', () => {
  const others = { modelHash: 'another model', modelLog: 'another past', task: 'another manifest' } as const;

  for (const [field, value] of Object.entries(others)) {
    it(`is refused when neighbours signed ${value}`, async () => {
      const { show, offers } = await lineUp({
        taskOf: (member) => (member === 0 ? { [field]: seededBytes(value)(32) } : {}),
      });
      await expectRefusal(show(offers), 'secagg-roster-invalid');
    });

    it(`gets no update even from tabs that check no signature, when it shows them ${value}`, async () => {
      const outcome = await playScene({
        n: N,
        taskOf: (member) => (member === 0 ? { [field]: seededBytes(value)(32) } : {}),
        crypto: blind,
      });
      expect(outcome.kind).toBe('abandoned');
      expect(outcome.view.masked.size).toBe(0);
      expect(codesOf(outcome.refusals)).toEqual(range(N).map(() => 'secagg-share-invalid'));
    });
  }

  it('gets no update when the rosters differ: shares do not open', async () => {
    const { task } = openMembers({ n: N });
    const invented = await sybil(task, 'invented');
    const outcome = await playScene({
      n: N,
      messages: {
        rosterClosed: ({ roster, beacon }, member) => ({
          roster: member === 0 ? rosterOf([...parseRoster(roster, task).offers, invented]) : roster,
          beacon,
        }),
        // What it dealt is one entry too long for the roster of the others.
        sharesSealed: (bytes) => bytes.slice(0, (N - 1) * 112),
      },
    });
    expect(outcome.view.masked.size).toBe(0);
    expect(codesOf(outcome.refusals).slice(1)).toEqual(range(N - 1).map(() => 'secagg-share-invalid'));
  });

  it('gets no update when the beacons differ', async () => {
    const outcome = await playScene({
      n: N,
      messages: {
        rosterClosed: ({ roster, beacon }, member) => ({
          roster,
          beacon: member === 3 ? seededBytes('another beacon')(32) : beacon,
        }),
      },
    });
    expect(outcome.view.masked.size).toBe(0);
  });

  it('is refused by both sides when their survivors differ', async () => {
    const outcome = await playScene({
      n: N,
      messages: {
        survivorsClosed: ({ sharers, survivors }, member) => ({
          sharers,
          survivors: member < 3 ? survivors : allBut(0),
        }),
      },
    });
    expect(outcome.kind).toBe('abandoned');
    expect(outcome.view.revealed).toEqual([]);
    for (const refusal of outcome.refusals.values()) {
      expect(['secagg-survivors-unconfirmed', 'secagg-survivors-invalid']).toContain(refusal.code);
    }
  });
});

describe('[S-2] a roster', () => {
  it('binds a key pair: the same one again gets the same answer, another one none', async () => {
    const { show, offers, task } = await lineUp();
    const answer = await show(offers);
    expect(await show(offers)).toEqual(answer);
    await expectRefusal(show([...offers, await sybil(task, 'one more')]), 'secagg-equivocation');
    await expectRefusal(show(offers), 'secagg-equivocation');
  });

  it('binds a key pair also when two arrive at once', async () => {
    const { show, offers, task } = await lineUp();
    const answers = await Promise.allSettled([
      show(offers),
      show([...offers, await sybil(task, 'one more')]),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(answers[1]).toMatchObject({ reason: { code: 'secagg-equivocation' } });
  });

  it('of a session before is refused: its keys are not those of this one', async () => {
    const past = await lineUp();
    const { showBytes } = await lineUp({ crypto: (member) => nativeCrypto(seededBytes(`later ${member}`)) });
    await expectRefusal(showBytes(closeRoster(past.offers, past.task).bytes), 'secagg-roster-invalid');
  });

  it('is refused without this device, and with another offer of this device', async () => {
    const { show, offers } = await lineUp();
    await expectRefusal(show(offers.slice(1)), 'secagg-roster-invalid');
    const again = await lineUp();
    const changed = again.offers[0]!.bytes.slice();
    changed[100]! ^= 1;
    await expectRefusal(again.show([parseOffer(changed), ...again.offers.slice(1)]), 'secagg-roster-invalid');
  });

  it('is refused with an identity that occurs twice', async () => {
    const { showBytes, offers, task } = await lineUp();
    const { bytes } = closeRoster(offers, task);
    await expectRefusal(showBytes(new Uint8Array([...bytes, ...bytes.slice(-192)])), 'secagg-roster-invalid');
  });

  it('is refused out of order', async () => {
    const { showBytes, offers } = await lineUp();
    const bytes = offers.toReversed().flatMap((offer) => [...offer.bytes]);
    await expectRefusal(showBytes(new Uint8Array(bytes)), 'secagg-roster-invalid');
  });

  it('is refused with a key that occurs twice, under whichever name', async () => {
    for (const [from, to] of [
      [32, 32],
      [64, 64],
      [32, 64],
    ] as const) {
      const { showBytes, offers, task } = await lineUp();
      const thief = await sybil(task, 'thief', (bytes) =>
        bytes.set(offers[2]!.bytes.subarray(from, from + 32), to),
      );
      await expectRefusal(showBytes(rosterOf([...offers, thief])), 'secagg-key-invalid');
    }
  });

  it('is refused with a key in a second form, under which another member’s would go unnoticed', async () => {
    const highBit = (key: Uint8Array) => key.with(31, key[31]! | 0x80);
    // The base point again, 9, as 9 + 2^255 - 19.
    const unreduced = () => new Uint8Array(32).fill(0xff).with(0, 0xf6).with(31, 0x7f);
    for (const write of [highBit, unreduced]) {
      for (const at of [32, 64]) {
        const { showBytes, offers, task } = await lineUp();
        const twin = await sybil(task, 'twin', (bytes) =>
          bytes.set(write(offers[2]!.bytes.slice(at, at + 32)), at),
        );
        await expectRefusal(showBytes(rosterOf([...offers, twin])), 'secagg-key-invalid');
        await expectRefusal(offeredBy(twin, task), 'secagg-key-invalid');
      }
    }
  });

  it('of everybody is not spoilt by a member whose two keys are one: they are refused when they are offered', async () => {
    const { task } = openMembers({ n: N });
    const lazy = await sybil(task, 'lazy', (bytes) => bytes.copyWithin(64, 32, 64));
    await expectRefusal(offeredBy(lazy, task), 'secagg-key-invalid');
  });

  it('is refused with a key of low order, in either place', async () => {
    for (const point of LOW_ORDER_POINTS) {
      for (const at of [32, 64]) {
        const { showBytes, offers, task } = await lineUp();
        const weak = await sybil(task, 'weak', (bytes) => bytes.set(point, at));
        await expectRefusal(showBytes(rosterOf([...offers, weak])), 'secagg-key-invalid');
        await expectRefusal(offeredBy(weak, task), 'secagg-key-invalid');
      }
    }
  });

  it('is refused over the limit of the plan, and over a thousand whatever the plan says', async () => {
    const { showBytes, offers } = await lineUp({ task: { maximumCohort: N - 1 } });
    await expectRefusal(showBytes(rosterOf(offers)), 'secagg-roster-too-large');
    const again = await lineUp({ task: { maximumCohort: 5000 } });
    await expectRefusal(again.showBytes(new Uint8Array(1001 * 192)), 'secagg-roster-too-large');
  });

  it('is refused when it is smaller than policy or plan allow', async () => {
    const byPolicy = await lineUp({ policy: { minimumCohort: N + 1, minimumSurvivors: 3 } });
    await expectRefusal(byPolicy.show(byPolicy.offers), 'secagg-cohort-too-small');
    const bySurvivors = await lineUp({ policy: { minimumCohort: 3, minimumSurvivors: N + 1 } });
    await expectRefusal(bySurvivors.show(bySurvivors.offers), 'secagg-cohort-too-small');
    const byPlan = await lineUp({ task: { minimumSurvivors: N + 1 } });
    await expectRefusal(byPlan.show(byPlan.offers), 'secagg-cohort-too-small');
  });

  it('of two is refused whatever policy and plan say', async () => {
    const two = await lineUp({
      task: { minimumSurvivors: 1 },
      policy: { minimumCohort: 1, minimumSurvivors: 1 },
    });
    await expectRefusal(two.show(two.offers.slice(0, 2)), 'secagg-cohort-too-small');
  });

  it('is refused when no graph protects it', async () => {
    const { show, offers } = await lineUp({ task: { corruptFraction: 0.6, dropoutFraction: 0.6 } });
    await expectRefusal(show(offers), 'secagg-parameters-impossible');
  });

  it('is refused with any one bit of it changed', async () => {
    const { bytes } = closeRoster((await lineUp()).offers, { maximumCohort: N });
    const places = seededBytes('places')(48);
    for (let i = 0; i < places.length; i += 2) {
      const at = (places[i]! * 256 + places[i + 1]!) % bytes.length;
      const { showBytes } = await lineUp();
      // Of the two codes it is the second when a key is no longer in its only form.
      await expect(showBytes(bytes.with(at, bytes[at]! ^ (1 << (i % 8))))).rejects.toMatchObject({
        code: expect.stringMatching(/^secagg-(roster|key)-invalid$/),
      });
    }
  });

  it('is refused when it is no list of offers, or its beacon is none', async () => {
    const { showBytes, offers } = await lineUp();
    await expectRefusal(showBytes(rosterOf(offers).subarray(1)), 'secagg-message-malformed');
    const { victim, offers: more } = await lineUp();
    const message = { roster: rosterOf(more), beacon: new Uint8Array(31) };
    await expectRefusal(victim.shareSecrets(message), 'secagg-message-malformed');
  });
});

describe('[S-3] delivered shares', () => {
  const delivered = (
    change: (message: {
      sharers: Uint8Array;
      bytes: Uint8Array;
    }) => Partial<{ sharers: Uint8Array; bytes: Uint8Array }>,
  ) =>
    playScene({
      n: N,
      messages: {
        sharesDelivered: (message, member) => (member === 0 ? { ...message, ...change(message) } : message),
      },
    });

  it('of which one does not open, or does not fit its commitment, end the session of the recipient', async () => {
    // Ciphertext, tag, and either commitment, of the fourth dealer.
    for (const at of [0, 63, 79, 80, 96]) {
      const outcome = await delivered(({ bytes }) => {
        const changed = bytes.slice();
        changed[3 * 112 + at]! ^= 1;
        return { bytes: changed };
      });
      expect(outcome.refusals.get(0)).toMatchObject({ code: 'secagg-share-invalid' });
      expect(outcome.view.masked.has(0)).toBe(false);
    }
  });

  it('for another recipient, or of a session before, do not open', async () => {
    const past = await gather({ n: N, seed: 'scene' });
    const entries = past.sealed.get(1)!.bytes;
    for (const stolen of [
      entries.slice(112, 224),
      (await gather({ n: N, seed: 'past' })).sealed.get(1)!.bytes,
    ]) {
      const outcome = await delivered(({ bytes }) => {
        const changed = bytes.slice();
        changed.set(stolen.subarray(0, 112));
        return { bytes: changed };
      });
      expect(outcome.refusals.get(0)).toMatchObject({ code: 'secagg-share-invalid' });
    }
  });

  it('are refused when this device is not among the sharers, or a stranger is', async () => {
    const without = await delivered(({ sharers }) => ({ sharers: sharers.map((byte) => byte & ~1) }));
    expect(without.refusals.get(0)).toMatchObject({ code: 'secagg-survivors-invalid' });
    const stranger = await delivered(({ sharers }) => ({ sharers: sharers.map((byte) => byte | 0x80) }));
    expect(stranger.refusals.get(0)).toMatchObject({ code: 'secagg-survivors-invalid' });
  });

  it('are refused when too few are left, in the cohort or around this device', async () => {
    const few = await delivered(({ bytes }) => ({
      sharers: bitmapOf(N, [0, 1]),
      bytes: bytes.slice(0, 112),
    }));
    expect(few.refusals.get(0)).toMatchObject({ code: 'secagg-cohort-too-small' });
    const thin = await delivered(({ bytes }) => ({
      sharers: bitmapOf(N, range(THRESHOLD)),
      bytes: bytes.slice(0, (THRESHOLD - 1) * 112),
    }));
    expect(thin.refusals.get(0)).toMatchObject({ code: 'secagg-below-threshold' });
  });

  it('are refused when there are not as many as dealers', async () => {
    const outcome = await delivered(({ bytes }) => ({ bytes: bytes.slice(112) }));
    expect(outcome.refusals.get(0)).toMatchObject({ code: 'secagg-message-malformed' });
  });
});

describe('[S-5] survivors', () => {
  it('get one signature, the same for the same message; other survivors are refused', async () => {
    const { survive } = await maskedMembers();
    const signature = await survive(everybody, everybody);
    expect(await survive(everybody, everybody)).toEqual(signature);
    await expectRefusal(survive(everybody, allBut(4)), 'secagg-equivocation');
  });

  it('are refused when somebody is alive who never shared, or is not in the roster', async () => {
    const scene = { n: N, messages: { sharesSealed: dropFrom(3) } };
    const outcome = await playScene({
      ...scene,
      messages: {
        ...scene.messages,
        survivorsClosed: ({ sharers }) => ({ sharers, survivors: everybody }),
      },
    });
    expect(codesOf(outcome.refusals)).toEqual(range(N - 1).map(() => 'secagg-survivors-invalid'));
    const { survive } = await maskedMembers();
    await expectRefusal(survive(everybody, Uint8Array.of(0xff)), 'secagg-survivors-invalid');
  });

  it('are refused when this device is said to be dead', async () => {
    const { survive } = await maskedMembers();
    await expectRefusal(survive(everybody, allBut(0)), 'secagg-survivors-invalid');
  });

  it('are refused when the sharers are others than before', async () => {
    const { survive } = await maskedMembers();
    await expectRefusal(survive(allBut(4), allBut(4)), 'secagg-equivocation');
  });

  it('are refused when they are too few, in the cohort or around this device', async () => {
    const shrunk = await maskedMembers();
    await expectRefusal(shrunk.survive(everybody, bitmapOf(N, [0, 1])), 'secagg-cohort-too-small');
    const thin = await maskedMembers();
    await expectRefusal(thin.survive(everybody, bitmapOf(N, range(THRESHOLD))), 'secagg-below-threshold');
  });

  it('are refused as bytes of another length', async () => {
    const { survive } = await maskedMembers();
    await expectRefusal(survive(everybody, new Uint8Array(2)), 'secagg-message-malformed');
  });
});

describe('[S-6] a request to reveal shares', () => {
  const requested = (change: (confirmations: Uint8Array, member: number) => Uint8Array) =>
    playScene({
      n: N,
      messages: {
        unmaskRequested: ({ confirmations }, member) => ({ confirmations: change(confirmations, member) }),
      },
    });
  const ENTRY = 66;

  it('is answered with t signatures of neighbours, and refused with one less', async () => {
    expect((await requested((confirmations) => confirmations.slice(0, THRESHOLD * ENTRY))).kind).toBe(
      'summed',
    );
    const outcome = await requested((confirmations) => confirmations.slice(0, (THRESHOLD - 1) * ENTRY));
    expect(outcome.view.revealed).toEqual([]);
    expect(codesOf(outcome.refusals)).toEqual(range(N).map(() => 'secagg-survivors-unconfirmed'));
  });

  it('is refused when a signature is another one, or of somebody else', async () => {
    const damaged = await requested((confirmations) =>
      confirmations.slice(0, THRESHOLD * ENTRY).with(2, confirmations[2]! ^ 1),
    );
    expect(damaged.view.revealed).toEqual([]);
    const swapped = await requested((confirmations) => {
      const changed = confirmations.slice(0, THRESHOLD * ENTRY);
      changed.set(confirmations.subarray(THRESHOLD * ENTRY + 2), 2);
      return changed;
    });
    expect(swapped.view.revealed).toEqual([]);
  });

  it('is refused when a signature is counted twice', async () => {
    const twice = await requested(
      (confirmations) =>
        new Uint8Array([
          ...confirmations.subarray(0, ENTRY),
          ...confirmations.subarray(0, THRESHOLD * ENTRY),
        ]),
    );
    expect(codesOf(twice.refusals)).toEqual(range(N).map(() => 'secagg-message-malformed'));
  });

  it('is refused when a signature is the tab’s own, or that of a member who did not survive', async () => {
    for (const wrong of [0, 4]) {
      const { victim, survive, session, people } = await maskedMembers();
      const survivors = allBut(4);
      await survive(everybody, survivors);
      const message = survivorsMessage(session.binding, everybody, survivors);
      const signers = [wrong, 1, 2].toSorted();
      const entries = await Promise.all(
        signers.map(async (index) => [index, 0, ...(await people[index]!.sign(message))]),
      );
      const confirmations = Uint8Array.from(entries.flat());
      await expectRefusal(victim.revealShares({ confirmations }), 'secagg-survivors-unconfirmed');
    }
  });

  it('is refused on the sparse graph when a signature is that of no neighbour', async () => {
    // Nobody else need be there: the tab sees but the roster and what is signed.
    const n = 70;
    const cast = openMembers({ n });
    const offers: KeyOffer[] = [];
    for (const [member, sum] of cast.members.entries()) {
      const offer = joinOffer(cast.people[member]!.identity, await sum.offerKeys());
      offers.push(parseOffer(offer));
    }
    const roster = closeRoster(offers, cast.task);
    const session = openServerSession(cast.task, roster, cast.beacon);
    expect(session.graph.kind).toBe('harary');
    const all = bitmapOf(n, range(n));
    const message = survivorsMessage(session.binding, all, all);
    const confirmed = {
      stage: 'confirmed',
      session,
      index: 0,
      minimumSurvivors: 3,
      sharers: all,
      survivors: all,
    } as const;
    const neighbourhood = session.neighbours[0]!;
    const strangers = range(n).filter((member) => member > 0 && !neighbourhood.includes(member));
    const t = session.graph.shareThreshold;
    const ask = async (signers: readonly number[]) => {
      const signed = signers
        .toSorted((a, b) => a - b)
        .map(async (index) => ({ index, signature: await cast.people[index]!.sign(message) }));
      const confirmations = writeConfirmations(await Promise.all(signed));
      const state = { ...confirmed, neighbourhood, shares: [new Uint8Array(32)] };
      return revealShares(state, { confirmations }, cast.cryptoOf(0));
    };
    expect((await ask(neighbourhood.slice(0, t))).bytes.length).toBe(32);
    const few = neighbourhood.slice(0, t - 1);
    await expectRefusal(ask([...few, ...strangers.slice(0, 5)]), 'secagg-survivors-unconfirmed');
  });

  it('is refused with the signatures of a session before', async () => {
    const past: Uint8Array[] = [];
    await playScene({
      n: N,
      seed: 'scene',
      crypto: (member) => nativeCrypto(seededBytes(`past ${member}`)),
      messages: {
        unmaskRequested: (message, member) => {
          past[member] = message.confirmations;
          return message;
        },
      },
    });
    const outcome = await requested((_, member) => past[member]!);
    expect(past.length).toBe(N);
    expect(codesOf(outcome.refusals)).toEqual(range(N).map(() => 'secagg-survivors-unconfirmed'));
  });

  it('is answered with the same bytes again, also with more signatures than the first time', async () => {
    const gathering = await gather({ n: N });
    const messages: Uint8Array[] = [];
    const answers: Uint8Array[] = [];
    await finish(gathering, {
      messages: {
        unmaskRequested: ({ confirmations }, member) => {
          messages[member] = confirmations;
          return { confirmations: confirmations.slice(0, THRESHOLD * ENTRY) };
        },
        sharesRevealed: (bytes, member) => {
          answers[member] = bytes;
          return bytes;
        },
      },
    });
    expect(await gathering.sums[2]!.revealShares({ confirmations: messages[2]! })).toEqual(answers[2]);
  });
});

describe('[S-7] a session in a tab', () => {
  it('[S-4] masks one vector, once', async () => {
    const { victim, task } = await maskedMembers();
    const vectors = task.vectors.map(({ length, bits }) => createLaneSum(length, bits));
    await expectRefusal(victim.maskVectors(vectors), 'secagg-equivocation');
    expect(vectors.every((vector) => vector.lanes().every((byte) => byte === 0))).toBe(true);
  });

  it('masks no vectors but those of the plan', async () => {
    const { session, sealed, sums } = await gather({ n: N });
    const shapes = [
      [{ bits: 20, length: 37 }],
      [
        { bits: 20, length: 38 },
        { bits: 32, length: 5 },
      ],
      [
        { bits: 16, length: 37 },
        { bits: 32, length: 5 },
      ],
    ];
    for (const [victim, shape] of shapes.entries()) {
      const bytes = deliverShares(session, victim, everybody, (dealer) => sealed.get(dealer)!);
      await sums[victim]!.openShares({ sharers: everybody, bytes });
      const vectors = shape.map(({ length, bits }) => createLaneSum(length, bits));
      await expectRefusal(sums[victim]!.maskVectors(vectors), 'secagg-plan-mismatch');
    }
  });

  it('refuses what is out of turn', async () => {
    const outOfTurn: ((sum: SecureSum) => Promise<unknown>)[] = [
      (sum) => sum.openShares({ sharers: everybody, bytes: new Uint8Array() }),
      (sum) => sum.maskVectors([]),
      (sum) => sum.confirmSurvivors({ sharers: everybody, survivors: everybody }),
      (sum) => sum.revealShares({ confirmations: new Uint8Array() }),
    ];
    for (const call of outOfTurn) {
      const { victim } = await lineUp();
      await expectRefusal(call(victim), 'secagg-stage-mismatch');
    }
  });

  it('says no more once it was erased, or has refused', async () => {
    const { victim, show, offers } = await lineUp();
    const before = await show(offers);
    expect(before.length).toBe((N - 1) * 112);
    victim.erase();
    await expectRefusal(show(offers), 'secagg-state-lost');
    await expectRefusal(victim.offerKeys(), 'secagg-state-lost');
    const other = await lineUp();
    await expectRefusal(other.show(other.offers.slice(1)), 'secagg-roster-invalid');
    await expectRefusal(other.show(other.offers), 'secagg-roster-invalid');
  });

  it('gives no answer that was under way when it was erased', async () => {
    let onSeal = () => {};
    const crypto = (member: number | null) => {
      const whole = nativeCrypto(seededBytes(`erased ${member}`));
      return {
        ...whole,
        seal: (...sealing: Parameters<typeof whole.seal>) => {
          onSeal();
          return whole.seal(...sealing);
        },
      };
    };
    const { victim, show, offers } = await lineUp({ crypto });
    onSeal = () => victim.erase();
    await expectRefusal(show(offers), 'secagg-state-lost');
    expect(victim.group()).toBe(null);
  });

  it('overwrites private keys and seed as soon as their shares are dealt, and on a refusal', async () => {
    const drawn: Uint8Array[] = [];
    const spying = () => {
      const crypto = nativeCrypto(seededBytes('spied'));
      const randomBytes = (length: number) => {
        const bytes = crypto.randomBytes(length);
        if (length === 32) drawn.push(bytes);
        return bytes;
      };
      return { ...crypto, randomBytes };
    };
    const cast = await lineUp();
    for (const lie of [false, true]) {
      const { identity, sign } = nativeIdentity(seededBytes('spied')(32));
      const sum = openSecureSum({ ...cast, identity, sign, crypto: spying(), policy: cast.policy });
      drawn.length = 0;
      const bytes = await sum.offerKeys();
      expect(drawn.map((secret) => secret.some((byte) => byte !== 0))).toEqual([true, true, true]);
      const own = await readOffer({ identity, bytes }, cast.task, cast.cryptoOf(null));
      const { beacon } = cast;
      const roster = closeRoster(lie ? cast.offers : [...cast.offers, own], cast.task).bytes;
      await sum.shareSecrets({ roster, beacon }).catch(() => {});
      expect(drawn.flatMap((secret) => [...secret]).every((byte) => byte === 0)).toBe(true);
    }
  });
});

const joinOffer = (identity: Uint8Array, bytes: Uint8Array) => Uint8Array.from([...identity, ...bytes]);

/** Checks no signature. */
const blind = (member: number | null) => ({
  ...nativeCrypto(seededBytes(`blind ${member}`)),
  verify: async () => true,
});

const dropFrom = (first: number) => (bytes: Uint8Array, member: number) => (member > first ? null : bytes);

const codesOf = (refusals: ReadonlyMap<number, { readonly code: string }>) =>
  [...refusals].toSorted(([a], [b]) => a - b).map(([, { code }]) => code);

const rosterOf = (offers: readonly KeyOffer[]) =>
  new Uint8Array(
    offers.toSorted((a, b) => Buffer.compare(a.identity, b.identity)).flatMap(({ bytes }) => [...bytes]),
  );

/** Of order 1, 2, 4 and 8, in every form of 32 bytes: Bernstein, Curve25519, 2006, appendix; cr.yp.to/ecdh.html. */
const LOW_ORDER_POINTS = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
