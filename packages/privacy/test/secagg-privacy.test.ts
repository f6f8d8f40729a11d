/**
 * Every flaw below was in some published implementation of secure aggregation. For each there is a question that only its
 * victim answers with yes: it is put to the code as it is, and to the code with that flaw.
 */
import { createLaneSum } from '@tributary/compression';
import { applyMasks, type SumTask } from '@tributary/privacy';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type * as opening from '../src/secagg/client/open-shares.ts';
import type * as derivations from '../src/secagg/derivations.ts';
import { pairMaskKey, seedCommitment, selfMaskKey } from '../src/secagg/derivations.ts';
import { openShareJoin } from '../src/secagg/shamir.ts';
import { ALARM, chiSquareUniform, histogram } from './chi-square.ts';
import { nativeCrypto } from './native-crypto.ts';
import {
  finish,
  type Gathering,
  gather,
  gatherForMany,
  type Outcome,
  playScene,
  range,
  type SceneOptions,
  type ServerView,
} from './secagg-scene.ts';
import { seededBytes } from './seeded-bytes.ts';

const N = 5;
/** In place of the functions of the same name, while a flaw is in. */
const flaws = vi.hoisted(() => ({
  derivations: {} as Partial<typeof derivations>,
  opening: {} as Partial<typeof opening>,
}));
const real = await vi.importActual<typeof derivations>('../src/secagg/derivations.ts');
const realOpening = await vi.importActual<typeof opening>('../src/secagg/client/open-shares.ts');

vi.mock('../src/secagg/derivations.ts', async (original) => {
  const whole = await original<typeof derivations>();
  const flawed = <Name extends keyof typeof derivations>(name: Name) =>
    ((...args: never[]) =>
      ((flaws.derivations[name] ?? whole[name]) as (...args: never[]) => unknown)(
        ...args,
      )) as (typeof whole)[Name];
  return {
    ...whole,
    offerMessage: flawed('offerMessage'),
    sessionId: flawed('sessionId'),
    pairMaskKey: flawed('pairMaskKey'),
    selfMaskKey: flawed('selfMaskKey'),
  };
});
vi.mock('../src/secagg/client/open-shares.ts', async (original) => {
  const whole = await original<typeof opening>();
  return {
    openShares: (...args: Parameters<typeof opening.openShares>) =>
      (flaws.opening.openShares ?? whole.openShares)(...args),
  };
});

afterEach(() => {
  flaws.derivations = {};
  flaws.opening = {};
});

describe('the seed of the self mask', () => {
  /** The coordinator rebuilds everybody's seed in the end: it must be of no use in the next session. */
  const knowsTheNextSeed = async (crypto?: SceneOptions['crypto']) => {
    const first = await playScene({ n: N, seed: 'first', crypto });
    const second = await gather({ n: N, seed: 'second', crypto });
    const next = new Set(second.offers.map(({ seedCommitment: commitment }) => hex(commitment)));
    return range(N).some((dealer) => next.has(hex(seedCommitment(rebuilt(first, dealer, 'seed')))));
  };

  it('is another one in each session', async () => {
    expect(await knowsTheNextSeed()).toBe(false);
    const reused = (member: number | null) => nativeCrypto(seededBytes(`always ${member}`));
    expect(await knowsTheNextSeed(reused)).toBe(true);
  });

  it('is the 32 bytes of the generator, each bit of which counts for the mask, also by itself in two words', () => {
    const key = (seed: Uint8Array) => hex(selfMaskKey(BINDING, seed, 1, 0));
    const seed = seededBytes('seed')(32);
    const isShort = () => {
      const flipped = range(256).map((bit) => flip(seed, bit));
      // A fold of eight words into one loses what is flipped in two of them.
      const twice = range(32 * 7).map((bit) => flip(flip(seed, bit), bit + 32));
      return new Set([seed, ...flipped, ...twice].map(key)).size < 1 + 256 + 32 * 7;
    };
    expect(isShort()).toBe(false);
    flaws.derivations.selfMaskKey = (binding, whole, ...rest) =>
      real.selfMaskKey(binding, whole.slice(0, 4), ...rest);
    expect(isShort()).toBe(true);
    flaws.derivations.selfMaskKey = (binding, whole, ...rest) =>
      real.selfMaskKey(binding, fold(whole), ...rest);
    expect(isShort()).toBe(true);
  });

  it('and the private mask key are what the generator drew, all of it', async () => {
    const isDrawnWhole = async (cut: (drawn: Uint8Array) => Uint8Array) => {
      const drawn = new Set<string>();
      const crypto = (member: number | null) => {
        const whole = nativeCrypto(seededBytes(`drawn ${member}`));
        const randomBytes = (length: number) => {
          const bytes = whole.randomBytes(length);
          drawn.add(hex(bytes));
          return cut(bytes);
        };
        return { ...whole, randomBytes };
      };
      const outcome = await playScene({ n: N, crypto, gone: { masking: [2] } });
      const secrets = [rebuilt(outcome, 0, 'seed'), rebuilt(outcome, 2, 'key')];
      return secrets.every((secret) => drawn.has(hex(secret)));
    };
    expect(await isDrawnWhole((bytes) => bytes)).toBe(true);
    // The same four bytes over and over.
    expect(await isDrawnWhole((bytes) => bytes.map((_, at) => bytes[at % 4]!))).toBe(false);
  });
});

describe('masks', () => {
  /** Of the first two members, in both vectors: each for itself, and the one that they share. */
  const keysOf = async (options: Partial<SceneOptions>) => {
    const keys = new Set<string>();
    const gathering = await gatherForMany({
      n: N,
      ...options,
      changed: {
        opened: (state, member) => {
          const own = state.masks.flatMap((masks) => masks.slice(0, 2));
          if (member < 2) for (const { key } of own) keys.add(hex(key));
          return state;
        },
      },
    });
    await finish(gathering);
    expect(keys.size).toBe(6);
    return keys;
  };
  const areShared = async (options: Partial<SceneOptions>) => {
    const [before, after] = [await keysOf({}), await keysOf(options)];
    return [...after].some((key) => before.has(key));
  };
  const different = {
    task: seededBytes('another manifest')(32),
    modelHash: seededBytes('another model')(32),
    modelLog: seededBytes('another past')(32),
    roundNumber: 8,
    minimumSurvivors: 4,
    vectors: [
      { bits: 20, length: 38 },
      { bits: 32, length: 5 },
    ],
  } satisfies Partial<SumTask>;

  it('are the same for the same session, or the questions below would mean nothing', async () => {
    expect(await areShared({})).toBe(true);
  });

  for (const [field, value] of Object.entries(different)) {
    it(`depend on ${field} of the task`, async () => {
      expect(await areShared({ task: { [field]: value } })).toBe(false);
      // As if the field were in nothing that is hashed, signed or derived.
      const blank = (task: SumTask): SumTask => ({
        ...task,
        [field]: {
          task: ZERO,
          modelHash: ZERO,
          modelLog: ZERO,
          roundNumber: 0,
          minimumSurvivors: 0,
          vectors: [],
        }[field],
      });
      flaws.derivations.sessionId = (task, ...rest) => real.sessionId(blank(task), ...rest);
      flaws.derivations.offerMessage = (task, keys) => real.offerMessage(blank(task), keys);
      expect(await areShared({ task: { [field]: value } })).toBe(true);
    });
  }

  /** The last member has other keys; nobody else changed. */
  const otherRoster: Partial<SceneOptions> = {
    crypto: (member) =>
      nativeCrypto(seededBytes(`scene/${member === N - 1 ? 'other' : (member ?? 'coordinator')}`)),
  };

  it('depend on the roster, also between members who did not change', async () => {
    expect(await areShared(otherRoster)).toBe(false);
    const rootless = (binding: typeof BINDING) => ({ ...binding, cohortRoot: ZERO });
    flaws.derivations.sessionId = (task, whole) => real.sessionId(task, { ...whole, cohortRoot: ZERO });
    flaws.derivations.pairMaskKey = (binding, ...rest) => real.pairMaskKey(rootless(binding), ...rest);
    flaws.derivations.selfMaskKey = (binding, ...rest) => real.selfMaskKey(rootless(binding), ...rest);
    expect(await areShared(otherRoster)).toBe(true);
  });

  it('depend on the beacon', async () => {
    const beacon = seededBytes('another beacon')(32);
    expect(await areShared({ beacon })).toBe(false);
    flaws.derivations.sessionId = (task, whole) => real.sessionId(task, { ...whole, beacon: ZERO });
    expect(await areShared({ beacon })).toBe(true);
  });

  it('are uniform, each by itself: what is left when all but one neighbour conspire', async () => {
    // At 65,536 bytes the alarm sounds with probability 0.999 when the distribution is 0.03 from uniform (total variation).
    const length = 65_536;
    const isBiased = async (bits: number, change = (bytes: Uint8Array) => bytes) => {
      const crypto = nativeCrypto(seededBytes('uniform'));
      const changing = {
        ...crypto,
        maskStream: (key: Uint8Array) => ({
          read: async (offset: number, wanted: number) => {
            return change(await (await crypto.maskStream(key)).read(offset, wanted));
          },
        }),
      };
      const sum = createLaneSum(length, bits);
      const key = pairMaskKey(BINDING, seededBytes('agreed')(32), [0, 1], 0);
      await applyMasks(sum, [{ key, sign: 1 }], { from: 0, to: length }, changing);
      // The lowest and the highest 8 bits.
      const values = sum.signedValues();
      const low = Uint8Array.from(values, (value) => value & 0xff);
      const high = Uint8Array.from(values, (value) => (value >> (bits - 8)) & 0xff);
      return Math.max(chiSquareUniform(histogram(low)), chiSquareUniform(histogram(high))) > ALARM;
    };
    for (const bits of [8, 13, 16, 20, 24, 32]) expect(await isBiased(bits)).toBe(false);
    const biased: ((byte: number, at: number) => number)[] = [
      (byte) => byte % 255,
      (byte) => byte & 0xfe,
      (byte, at) => (at % 16 === 0 ? 0 : byte),
      () => 0,
    ];
    for (const flaw of biased) {
      expect(await isBiased(8, (bytes) => bytes.map(flaw))).toBe(true);
    }
  });

  it('are other ones for each vector, member and pair', () => {
    const keys = [0, 1].flatMap((vector) => [
      ...range(9).map((index) => selfMaskKey(BINDING, ZERO, index, vector)),
      ...range(9).flatMap((low) => range(low).map((high) => pairMaskKey(BINDING, ZERO, [low, high], vector))),
    ]);
    expect(new Set(keys.map(hex)).size).toBe(2 * (9 + 36));
  });
});

describe('a masked vector', () => {
  const secret = (member: number, vector: number) =>
    new Int32Array([37, 5][vector]!).map((_, at) => 100 * member + at);

  /** It arrives after its owner was declared dead, and the coordinator has all its pairwise masks. */
  const isReadWhenLate = async (dropsOwnMask: boolean) => {
    const late: Uint8Array[] = [];
    const gathering = await gatherForMany({
      n: N,
      changed: {
        opened: (state) =>
          dropsOwnMask ? { ...state, masks: state.masks.map((masks) => masks.slice(1)) } : state,
      },
    });
    const outcome = await finish(gathering, {
      input: secret,
      messages: {
        masked: (vectors, member) => {
          if (member !== 2) return vectors;
          late.push(...vectors);
          return null;
        },
      },
    });
    const { binding, roster, task } = gathering.session;
    const key = rebuilt(outcome, 2, 'key');
    const vector = createLaneSum(task.vectors[0]!.length, task.vectors[0]!.bits);
    vector.addPacked(late[0]!);
    for (const neighbour of [0, 1, 3, 4]) {
      const agreed = await gathering.crypto.x25519(key, roster.offers[neighbour]!.maskKey);
      const mask = {
        key: pairMaskKey(binding, agreed!, [2, neighbour], 0),
        sign: 2 < neighbour ? -1 : 1,
      } as const;
      await applyMasks(vector, [mask], { from: 0, to: vector.length }, gathering.crypto);
    }
    return vector.signedValues().every((value, at) => value === secret(2, 0)[at]);
  };

  it('cannot be read when it comes late: its own mask is on it', async () => {
    expect(await isReadWhenLate(false)).toBe(false);
    expect(await isReadWhenLate(true)).toBe(true);
  });

  /** The coordinator damages what the honest members dealt to the first, so that only its friend's mask would be left. */
  const isSentInPart = async () => {
    const outcome = await playScene({
      n: N,
      messages: {
        sharesDelivered: ({ sharers, bytes }, member) => ({
          sharers,
          bytes: member === 0 ? bytes.map((byte, at) => (at % 112 === 0 && at > 0 ? byte ^ 1 : byte)) : bytes,
        }),
      },
    });
    return outcome.view.masked.has(0);
  };

  it('is not sent at all when a share did not open', async () => {
    expect(await isSentInPart()).toBe(false);
    flaws.opening.openShares = async (state, message, crypto) => {
      const attempts = await Promise.allSettled(
        state.neighbours.map((neighbour, i) => {
          const alone = { ...state, minimumSurvivors: 0, neighbours: [neighbour] };
          const entry = { ...message, bytes: message.bytes.slice(i * 112, (i + 1) * 112) };
          return realOpening.openShares(alone, entry, crypto);
        }),
      );
      const opened = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
      const masks = state.selfMasks.map((own, v) => [
        own,
        ...opened.flatMap((one) => one.masks[v]!.slice(1)),
      ]);
      return { ...opened[0]!, masks, held: opened.flatMap(({ held }) => held) };
    };
    expect(await isSentInPart()).toBe(true);
  });
});

describe('of the two secrets of one member', () => {
  const bothOf = (views: readonly ServerView[]) => {
    const kinds = new Map<number, Set<string>>();
    for (const { dealer, kind } of views.flatMap(({ revealed }) => revealed)) {
      kinds.set(dealer, (kinds.get(dealer) ?? new Set()).add(kind));
    }
    return [...kinds].some(([, { size }]) => size === 2);
  };

  /** First everybody survived; then, to the same keys, the second member did not. */
  const areGivenAwayInTurn = async (gathering: Gathering) => {
    const first = await finish(gathering);
    const second = await finish(gathering, { gone: { masking: [1] } });
    return bothOf([first.view, second.view]);
  };

  it('a tab gives away shares of one, whatever it is asked later', async () => {
    expect(await areGivenAwayInTurn(await gather({ n: N }))).toBe(false);
    // Without `openSecureSum`, which holds the one state there is.
    expect(await areGivenAwayInTurn(await gatherForMany({ n: N }))).toBe(true);
  });

  /** To some the second member is alive, to others it is dead. */
  const areGivenAwayAtOnce = async (verify?: () => Promise<boolean>) => {
    const answered = new Set<'alive' | 'dead'>();
    const toldOf = (member: number) => (member > 2 ? 'dead' : 'alive');
    await playScene({
      n: N,
      crypto: (member) => {
        const crypto = nativeCrypto(seededBytes(`split ${member}`));
        // The coordinator passes on whatever it has.
        return { ...crypto, verify: member === null ? async () => true : (verify ?? crypto.verify) };
      },
      messages: {
        survivorsClosed: ({ sharers, survivors }, member) => ({
          sharers,
          survivors: toldOf(member) === 'dead' ? survivors.map((byte) => byte & ~2) : survivors,
        }),
        sharesRevealed: (_, member) => {
          answered.add(toldOf(member));
          return null;
        },
      },
    });
    return answered.size === 2;
  };

  it('all tabs together give away shares of one: they answer when t neighbours were told the same', async () => {
    expect(await areGivenAwayAtOnce()).toBe(false);
    expect(await areGivenAwayAtOnce(async () => true)).toBe(true);
  });
});

const ZERO = new Uint8Array(32);
const BINDING = { session: seededBytes('session')(32), cohortRoot: seededBytes('root')(32) };

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const flip = (bytes: Uint8Array, bit: number) => bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
const fold = (bytes: Uint8Array) =>
  new Uint8Array(4).map((_, at) => range(8).reduce((sum, word) => sum ^ bytes[word * 4 + at]!, 0));

/** As the coordinator does it, of the shares that it was given. */
function rebuilt({ session, view }: Outcome, dealer: number, kind: 'key' | 'seed'): Uint8Array {
  const shares = view.revealed
    .filter((share) => share.dealer === dealer && share.kind === kind)
    .map(({ holder, share }) => ({ x: 1 + session.neighbours[dealer]!.indexOf(holder), bytes: share }));
  expect(shares.length).toBeGreaterThanOrEqual(session.graph.shareThreshold);
  return openShareJoin()(shares.slice(0, session.graph.shareThreshold));
}
