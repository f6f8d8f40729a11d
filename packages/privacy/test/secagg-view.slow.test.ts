/**
 * Two sets of inputs with the same sum, and everything that the coordinator receives, stores and can compute of either.
 *
 * Bytes of 12 sessions with one set are compared with bytes of 12 with the other, 49,152 of each member on each side. The alarm
 * sounds by chance in one of 10^6 comparisons. It sounds with probability 0.999 when the two distributions of bytes are
 * 0.05 apart (total variation): in a test of two samples of m bytes the noncentrality is 2 m d^2, and 240 is enough.
 */
import { createLaneSum } from '@tributary/compression';
import { applyMasks, type Mask } from '@tributary/privacy';
import { describe, expect, it } from 'vitest';
import { pairMaskKey, selfMaskKey } from '../src/secagg/derivations.ts';
import { openShareJoin } from '../src/secagg/shamir.ts';
import { ALARM, chiSquareEqual, histogram } from './chi-square.ts';
import { finish, gatherForMany, type Outcome, range, type SceneOptions } from './secagg-scene.ts';

const N = 5;
const SESSIONS = 12;
const SHAPE = { bits: 16, length: 2048 };
/** Dead by the time that its vector arrives. */
const LATE = 4;

/** The first two members swap what they have; the late one has one or the other, and is in no sum. */
const inputs = {
  one: (member: number) => new Int32Array(SHAPE.length).fill([1000, -1000, 5, 7, 300][member]!),
  other: (member: number) => new Int32Array(SHAPE.length).fill([-1000, 1000, 5, 7, -200][member]!),
};

/** What is seen of members, under names that both sides have. */
type Views = Map<string, Uint8Array[]>;

async function watch(side: keyof typeof inputs, changed?: SceneOptions['changed']): Promise<Views> {
  const views: Views = new Map();
  const see = (name: string, ...bytes: readonly Uint8Array[]) =>
    views.set(name, [...(views.get(name) ?? []), ...bytes]);
  for (const session of range(SESSIONS)) {
    const gathering = await gatherForMany({
      n: N,
      seed: `${side} ${session}`,
      task: { vectors: [SHAPE] },
      changed,
    });
    const outcome = await finish(gathering, {
      input: inputs[side],
      messages: {
        masked: (vectors, member) => {
          see(`received of ${member}`, ...vectors);
          return member === LATE ? null : vectors;
        },
      },
    });
    const { view } = outcome;
    see('rosters', ...gathering.offers.map(({ bytes }) => bytes));
    see('sealed', ...[...view.sealed.values()].map(({ bytes }) => bytes));
    see('signatures', ...view.signatures.values());
    see('revealed', ...view.revealed.map(({ share }) => share));
    for (const [member, [vector]] of view.masked) {
      see(`computed of ${member}`, await without(outcome, vector!, [selfMaskOf(outcome, member)]));
    }
    const late = views.get(`received of ${LATE}`)!.at(-1)!;
    see(`computed of ${LATE}`, await without(outcome, late, await pairMasksOf(outcome, LATE)));
  }
  return views;
}

/** In how many of the comparisons the two sides differ. */
function alarms(one: Views, other: Views): string[] {
  expect([...one.keys()].toSorted()).toEqual([...other.keys()].toSorted());
  return [...one.keys()].filter((name) => {
    const [a, b] = [histogram(...one.get(name)!), histogram(...other.get(name)!)];
    return chiSquareEqual(a, b) > ALARM;
  });
}

describe('at equal sums', () => {
  it('[S-9] all that the coordinator has of two sets of inputs is the same, as far as a test can see', async () => {
    const [one, other] = [await watch('one'), await watch('other')];
    expect(one.size).toBe(4 + 2 * N);
    for (const member of range(N)) {
      for (const name of [`received of ${member}`, `computed of ${member}`]) {
        expect(one.get(name)!.reduce((sum, { length }) => sum + length, 0)).toBe(49_152);
      }
    }
    expect(alarms(one, other)).toEqual([]);
  });

  it('a tab without pairwise masks is seen through once its own mask is known', async () => {
    const own: SceneOptions['changed'] = {
      opened: (state) => ({ ...state, masks: state.masks.map((masks) => masks.slice(0, 1)) }),
    };
    expect(alarms(await watch('one', own), await watch('other', own))).toEqual([
      'computed of 0',
      'computed of 1',
    ]);
  });

  it('a tab without a mask of its own is seen through when it is late', async () => {
    const pairs: SceneOptions['changed'] = {
      opened: (state) => ({ ...state, masks: state.masks.map((masks) => masks.slice(1)) }),
    };
    expect(alarms(await watch('one', pairs), await watch('other', pairs))).toEqual([`computed of ${LATE}`]);
  });
});

function selfMaskOf(outcome: Outcome, member: number): Mask {
  const key = selfMaskKey(outcome.session.binding, rebuilt(outcome, member), member, 0);
  return { key, sign: -1 };
}

async function pairMasksOf(outcome: Outcome, member: number): Promise<Mask[]> {
  const { binding, roster } = outcome.session;
  const secret = rebuilt(outcome, member);
  return Promise.all(
    range(N)
      .filter((peer) => peer !== member)
      .map(async (peer): Promise<Mask> => {
        const agreed = await outcome.crypto.x25519(secret, roster.offers[peer]!.maskKey);
        return { key: pairMaskKey(binding, agreed!, [member, peer], 0), sign: member < peer ? -1 : 1 };
      }),
  );
}

async function without(outcome: Outcome, packed: Uint8Array, masks: readonly Mask[]): Promise<Uint8Array> {
  const vector = createLaneSum(SHAPE.length, SHAPE.bits);
  vector.addPacked(packed);
  await applyMasks(vector, masks, { from: 0, to: SHAPE.length }, outcome.crypto);
  return vector.packed();
}

/** The one secret of a member that was revealed. */
function rebuilt({ session, view }: Outcome, dealer: number): Uint8Array {
  const shares = view.revealed
    .filter((share) => share.dealer === dealer)
    .map(({ holder, share }) => ({ x: 1 + session.neighbours[dealer]!.indexOf(holder), bytes: share }));
  return openShareJoin()(shares.slice(0, session.graph.shareThreshold));
}
