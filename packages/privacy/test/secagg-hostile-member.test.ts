/** Members that lie, or that are gone. No wrong sum comes of it, and where a lie can be seen, its author is named. */
import {
  bitmapOf,
  checkConfirmation,
  missingShares,
  readOffer,
  readRevealed,
  readSealedShares,
  recoverMasks,
} from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { finish, gather, gatherForMany, type Outcome, playScene, range } from './secagg-scene.ts';
import { seededBytes } from './seeded-bytes.ts';

const N = 6;
const SHARE = 32;
const THRESHOLD = 4;

function expectExact(outcome: Outcome): void {
  expect(outcome).toMatchObject({ kind: 'summed' });
  if (outcome.kind === 'summed') expect(outcome.sums).toEqual(outcome.plainSums);
}

describe('[S-8] a member who reveals', () => {
  const damaged = (bytes: Uint8Array) => bytes.with(2 * SHARE, bytes[2 * SHARE]! ^ 1);

  it('another share than it was dealt is named, and the others rebuild the secrets without it', async () => {
    const gathering = await gatherForMany({ n: N });
    for (const liar of range(N)) {
      const outcome = await finish(gathering, {
        messages: { sharesRevealed: (bytes, member) => (member === liar ? damaged(bytes) : bytes) },
      });
      expect([...outcome.blamed.keys()]).toEqual([liar]);
      expect(outcome.blamed.get(liar)).toMatchObject({ code: 'secagg-share-invalid' });
      expect(outcome.blamed.get(liar)!.message).toContain(`member ${liar} revealed`);
      expectExact(outcome);
    }
  });

  it('a wrong share of a dropout’s key is named, too', async () => {
    const outcome = await playScene({
      n: 9,
      task: { dropoutFraction: 0.25 },
      gone: { masking: [8] },
      messages: { sharesRevealed: (bytes, member) => (member === 0 ? bytes.with(7 * SHARE, 0) : bytes) },
    });
    expect(outcome.blamed.get(0)).toMatchObject({ code: 'secagg-share-invalid' });
    expectExact(outcome);
  });

  it('what it deals itself, or too little, or too much, is refused', async () => {
    for (const change of [
      (bytes: Uint8Array) => bytes.slice(SHARE),
      (bytes: Uint8Array) => new Uint8Array([...bytes, ...bytes]),
      (bytes: Uint8Array) => bytes.slice(1),
    ]) {
      const outcome = await playScene({
        n: N,
        messages: { sharesRevealed: (bytes, member) => (member === 1 ? change(bytes) : bytes) },
      });
      expect(outcome.blamed.get(1)).toMatchObject({ code: 'secagg-message-malformed' });
      expectExact(outcome);
    }
  });

  it('nothing is missed as long as t others reveal, and with fewer nothing is rebuilt', async () => {
    const gathering = await gatherForMany({ n: N });
    expectExact(await finish(gathering, { gone: { revealing: [3] } }));
    const outcome = await finish(gathering, { gone: { revealing: [1, 3] } });
    expect(outcome).toMatchObject({ kind: 'abandoned', error: { code: 'secagg-below-threshold' } });
    expect(outcome.session.graph.shareThreshold).toBe(THRESHOLD);
  });
});

describe('[S-8] shares', () => {
  it('of nobody who did not survive are taken', async () => {
    const { session, sealed } = await gather({ n: N });
    const remaining = { sharers: bitmapOf(N, range(N)), survivors: bitmapOf(N, range(N - 1)) };
    const bytes = new Uint8Array((N - 1) * SHARE);
    const read = () =>
      readRevealed(session, { index: N - 1, ...remaining, bytes }, (dealer) => sealed.get(dealer)!);
    expect(read).toThrow(expect.objectContaining({ code: 'secagg-message-malformed' }));
  });

  it('rebuild a secret, exactly t of them; one of the other secret does not count', async () => {
    const outcome = await playScene({ n: N });
    const { session, view, crypto } = outcome;
    const masks = await recoverMasks(session, view, view.revealed, crypto);
    // The last holder of each secret is never needed: what it says changes nothing.
    const lies = view.revealed.map((revealed) =>
      revealed.holder === N - 1 ? { ...revealed, share: seededBytes('lie')(SHARE) } : revealed,
    );
    expect(await recoverMasks(session, view, lies, crypto)).toEqual(masks);
    const others = view.revealed.map((revealed) =>
      revealed.dealer === 0 && revealed.holder > 2 ? { ...revealed, kind: 'key' as const } : revealed,
    );
    await expect(recoverMasks(session, view, others, crypto)).rejects.toMatchObject({
      code: 'secagg-below-threshold',
    });
  });

  it('are counted for each secret that is needed', async () => {
    const { session, view } = await playScene({ n: N, gone: { revealing: [0, 1, 2] } });
    expect(missingShares(session, view, view.revealed)).toEqual([
      { dealer: 0, missing: 1 },
      { dealer: 1, missing: 1 },
      { dealer: 2, missing: 1 },
      { dealer: 3, missing: 2 },
      { dealer: 4, missing: 2 },
      { dealer: 5, missing: 2 },
    ]);
  });
});

describe('a signature under the survivors', () => {
  it('counts when it is one, of a survivor, under these survivors', async () => {
    const { session, view, crypto } = await playScene({ n: N });
    const { sharers, survivors, signatures } = view;
    const confirmation = { index: 2, sharers, survivors, signature: signatures.get(2)! };
    expect(await checkConfirmation(session, confirmation, crypto)).toBe(true);
    const wrong = [
      { ...confirmation, index: 1 },
      { ...confirmation, survivors: bitmapOf(N, [0, 1, 2, 3, 4]) },
      { ...confirmation, sharers: bitmapOf(N, [0, 1, 2, 3, 4]) },
      { ...confirmation, signature: signatures.get(2)!.slice(1) },
    ];
    for (const other of wrong) expect(await checkConfirmation(session, other, crypto)).toBe(false);
    const anything = { ...crypto, verify: async () => true };
    const dead = { ...confirmation, survivors: bitmapOf(N, [0, 1, 3, 4, 5]) };
    expect(await checkConfirmation(session, dead, anything)).toBe(false);
  });
});

describe('[S-8] a dealer', () => {
  it('of shares of another seed than it committed to is named, and nothing is summed', async () => {
    const outcome = await finish(
      await gatherForMany({
        n: N,
        changed: {
          offered: (state, member) =>
            member === 2 ? { ...state, seed: seededBytes('another seed')(32) } : state,
        },
      }),
    );
    expect(outcome).toMatchObject({ kind: 'abandoned', error: { code: 'secagg-dealer-inconsistent' } });
    if (outcome.kind === 'abandoned') expect(outcome.error.message).toContain('member 2');
  });

  it('of shares of another key than it offered is named when it drops out', async () => {
    const gathering = await gatherForMany({
      n: N,
      changed: {
        offered: (state, member) =>
          member === 2 ? { ...state, maskSecret: seededBytes('another')(32) } : state,
      },
    });
    const outcome = await finish(gathering, { gone: { masking: [2] } });
    expect(outcome).toMatchObject({ kind: 'abandoned', error: { code: 'secagg-dealer-inconsistent' } });
    if (outcome.kind === 'abandoned') expect(outcome.error.message).toContain('member 2');
    // As long as it stays, nobody can see that it masked with another key: it might as well have sent another update.
    const unseen = await finish(gathering);
    expect(unseen.kind === 'summed' && unseen.sums).not.toEqual(unseen.kind === 'summed' && unseen.plainSums);
  });

  it('of one share that does not fit is stopped by its holder, which drops out', async () => {
    const outcome = await playScene({
      n: N,
      messages: {
        // The last entry of member 2 is for member 5; 79 is in the tag, 90 in a commitment.
        sharesSealed: (bytes, member) => (member === 2 ? bytes.with(4 * 112 + 90, 0) : bytes),
      },
    });
    expect([...outcome.refusals.keys()]).toEqual([5]);
    expect(outcome.refusals.get(5)).toMatchObject({ code: 'secagg-share-invalid' });
    expectExact(outcome);
  });

  it('of too few shares is refused', async () => {
    const { session, sealed } = await gather({ n: N });
    for (const change of [0, 112, 5 * 112 - 1, 6 * 112]) {
      expect(() => readSealedShares(session, 1, new Uint8Array(change))).toThrow('dealt');
    }
    expect(readSealedShares(session, 1, sealed.get(1)!.bytes)).toEqual(sealed.get(1));
  });
});

describe('a masked vector', () => {
  it('that comes after its owner was declared dead stays masked by its own mask', async () => {
    const late: (readonly Uint8Array[])[] = [];
    const outcome = await playScene({
      n: N,
      input: (_, vector) => new Int32Array(vector === 0 ? 37 : 5),
      messages: {
        masked: (vectors, member) => {
          if (member !== 4) return vectors;
          late.push(vectors);
          return null;
        },
      },
    });
    expectExact(outcome);
    expect(outcome.view.revealed.filter(({ dealer }) => dealer === 4).map(({ kind }) => kind)).toEqual(
      Array.from({ length: N - 1 }, () => 'key'),
    );
    expect(late[0]![0]!.some((byte) => byte !== 0)).toBe(true);
  });
});

describe('[S-1] keys', () => {
  it('signed by somebody else, for another round, or cut short, are not taken', async () => {
    const { task, offers, crypto } = await gather({ n: N });
    const bytes = offers[0]!.bytes.slice(32);
    const { identity } = offers[0]!;
    expect(await readOffer({ identity, bytes }, task, crypto)).toEqual(offers[0]);
    const refused = [
      readOffer({ identity: offers[1]!.identity, bytes }, task, crypto),
      readOffer({ identity, bytes }, { ...task, roundNumber: task.roundNumber + 1 }, crypto),
      readOffer({ identity, bytes: bytes.with(0, bytes[0]! ^ 1) }, task, crypto),
    ];
    for (const offer of refused) await expect(offer).rejects.toMatchObject({ code: 'secagg-roster-invalid' });
    await expect(readOffer({ identity, bytes: bytes.slice(1) }, task, crypto)).rejects.toMatchObject({
      code: 'secagg-message-malformed',
    });
  });
});
