/**
 * A coordinator that tells each viewer of its own choice who dropped out, against the functions of the tab. Tabs without
 * the consistency check are these very functions with a `verify` that takes every signature for a valid one.
 *
 * Why the check is enough against it, whatever it tells: say a neighbour w of the victim reveals a share of the victim's
 * seed. Then t of w's neighbours signed what w heard, that w itself lives. To remove the mask between the two, t holders
 * must reveal shares of w's mask key; they signed something else, that w is dead. Of k neighbours with c corrupt ones there
 * are not two times t, since 2 t > k + c: an honest one would have signed both.
 */
import { createLaneSum } from '@tributary/compression';
import {
  applyMasks,
  bitmapOf,
  confirmationsFor,
  deliverShares,
  type RevealedShare,
  readRevealed,
  recoverMasks,
  type SecAggCrypto,
  SecAggError,
} from '@tributary/privacy';
import { beforeAll, describe, expect, test } from 'vitest';
import { splitSecret } from '../src/secagg/shamir.ts';
import { chooseDropouts } from './chosen-dropouts.ts';
import { nativeCrypto } from './native-crypto.ts';
import { type Gathering, gatherForMany, range, rememberingCrypto } from './secagg-scene.ts';
import { seededBytes } from './seeded-bytes.ts';

const N = 100;
const MINIMUM_SURVIVORS = 90;
const corrupt = new Set(range(9));
const honest = range(N).slice(corrupt.size);
const everybody = bitmapOf(N, range(N));
const inputOf = (member: number) => Int32Array.of(member, -member, 1000 + member);

/** Whom each viewer hears of as dropped out. */
type Dropouts = ReadonlyMap<number, ReadonlySet<number>>;

let gathering: Gathering;
let exposing: ReadonlyMap<number, Dropouts>;
let sharesOfCorrupt: readonly RevealedShare[];
let doTabsCheck = true;

const randomOf = (member: number | null) => seededBytes(`chosen drop-outs/${member ?? 'coordinator'}`);

beforeAll(async () => {
  gathering = await gatherForMany({
    n: N,
    seed: 'chosen drop-outs',
    task: { minimumSurvivors: MINIMUM_SURVIVORS, vectors: [{ bits: 24, length: 3 }] },
    crypto: (member) => {
      const crypto: SecAggCrypto = rememberingCrypto(nativeCrypto(randomOf(member)));
      const isCredulous = () => !doTabsCheck || (member !== null && corrupt.has(member));
      return {
        ...crypto,
        verify: async (...claim) => isCredulous() || crypto.verify(...claim),
      };
    },
  });
  const { graph, neighbours } = gathering.session;
  expect(graph).toEqual({ kind: 'harary', degree: 32, shareThreshold: 22 });
  const scene = {
    neighbours,
    shareThreshold: graph.shareThreshold,
    minimumSurvivors: MINIMUM_SURVIVORS,
    corrupt,
  };
  exposing = new Map(
    honest.flatMap((victim) => {
      const dropouts = chooseDropouts(scene, victim);
      return dropouts ? [[victim, dropouts] as const] : [];
    }),
  );
  sharesOfCorrupt = await tellEverything();
}, 300_000);

describe('a coordinator that tells viewers different drop-outs, at 32/22 of 100 members with 9 corrupt', () => {
  test('sees the vectors of 11 of 91 members alone where tabs do not compare what they were told', async () => {
    doTabsCheck = false;
    expect(exposing.size).toBe(11);
    for (const [victim, dropouts] of someOf(exposing)) {
      const { shares, refusals } = await ask(dropouts);
      expect(refusals).toEqual([]);
      expect(await unmasked(victim, shares)).toEqual(inputOf(victim));
    }
  }, 300_000);

  test('sees none of them where tabs ask for t neighbours who signed the same survivors', async () => {
    doTabsCheck = true;
    for (const [victim, dropouts] of someOf(exposing)) {
      const { shares, refusals } = await ask(dropouts);
      const misled = honest.filter((viewer) => dropouts.get(viewer)!.size > 0);
      expect(refusals.length).toBeGreaterThanOrEqual(misled.length);
      expect(new Set(refusals)).toEqual(new Set(['secagg-survivors-unconfirmed']));
      // Of those who heard the truth, some reveal shares of seeds, as they should. Nobody's mask key is among them.
      expect(shares.filter(({ kind, holder }) => kind === 'key' || misled.includes(holder))).toEqual([]);
      await expect(unmasked(victim, shares)).rejects.toMatchObject({ code: 'secagg-below-threshold' });
    }
  }, 300_000);
});

/** The flow says for whom it works; a few of them see it happen. */
const someOf = (all: ReadonlyMap<number, Dropouts>) => [...all].slice(0, 4);

/** What honest viewers reveal when each hears of drop-outs of its own, and why they do not. */
async function ask(dropouts: Dropouts): Promise<{ shares: RevealedShare[]; refusals: string[] }> {
  const told = await Promise.all(honest.map((viewer) => tell(viewer, dropouts.get(viewer)!)));
  const signatures = new Map(told.map(({ viewer, signature }) => [viewer, signature]));
  for (const member of corrupt) signatures.set(member, new Uint8Array(64));
  const answers = await Promise.all(
    told.map(async ({ reveal }) => {
      try {
        return { shares: await reveal(signatures), refusals: [] };
      } catch (error) {
        if (!(error instanceof SecAggError)) throw error;
        return { shares: [], refusals: [error.code] };
      }
    }),
  );
  return {
    shares: answers.flatMap(({ shares }) => shares),
    refusals: answers.flatMap(({ refusals }) => refusals),
  };
}

/** One tab, from the shares that it receives to those that it reveals. */
async function tell(viewer: number, dead: ReadonlySet<number>) {
  const { session } = gathering;
  const member = gathering.members()[viewer]!;
  const sealedBy = (dealer: number) => gathering.sealed.get(dealer)!;
  const survivors = bitmapOf(
    N,
    range(N).filter((other) => !dead.has(other)),
  );
  await member.openShares({
    sharers: everybody,
    bytes: deliverShares(session, viewer, everybody, sealedBy),
  });
  const vector = createLaneSum(3, 24);
  vector.addValues(inputOf(viewer));
  await member.maskVectors([vector]);
  const signature = await member.confirmSurvivors({ sharers: everybody, survivors });
  const reveal = async (signatures: ReadonlyMap<number, Uint8Array>) => {
    const confirmations = confirmationsFor(session, viewer, signatures);
    const bytes = await member.revealShares({ confirmations });
    return readRevealed(session, { index: viewer, sharers: everybody, survivors, bytes }, sealedBy);
  };
  return { viewer, vector, signature, reveal };
}

/** The corrupt members give away both shares of each honest neighbour, and their own mask keys. */
async function tellEverything(): Promise<readonly RevealedShare[]> {
  const { graph, neighbours } = gathering.session;
  const anything = new Map(range(N).map((member) => [member, new Uint8Array(64)]));
  const told: RevealedShare[] = [];
  for (const member of corrupt) {
    // Several times from the start, each time with other dead ones: in one session not even this tab reveals both.
    for (let from = 0; from < graph.degree; from += 10) {
      const { reveal } = await tell(member, new Set(neighbours[member]!.slice(from, from + 10)));
      told.push(...(await reveal(anything)).filter(({ dealer }) => !corrupt.has(dealer)));
    }
    // The coordinator knows these keys; to use it like any other, it deals shares of them to itself.
    const key = randomOf(member)(32);
    const dealing = {
      shareThreshold: graph.shareThreshold,
      shareCount: graph.degree,
      randomBytes: seededBytes('dealt'),
    };
    for (const [i, share] of splitSecret(key, dealing).entries()) {
      told.push({ dealer: member, holder: neighbours[member]![i]!, kind: 'key', share });
    }
  }
  return told;
}

/** The victim's masked vector without everything that the shares give away: its seed and its neighbours' mask keys. */
async function unmasked(victim: number, shares: readonly RevealedShare[]): Promise<Int32Array> {
  const { session, crypto } = gathering;
  const { vector } = await tell(victim, new Set());
  const alone = { sharers: everybody, survivors: bitmapOf(N, [victim]) };
  const [masks] = await recoverMasks(session, alone, [...shares, ...sharesOfCorrupt], crypto);
  await applyMasks(vector, masks!, { from: 0, to: vector.length }, crypto);
  return vector.signedValues();
}
