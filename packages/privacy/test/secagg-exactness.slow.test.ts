/**
 * Whoever leaves before whatever stage: the sum is that of the survivors, exactly, or there is none. What must happen is
 * said once more below, by counting heads.
 */
import { membersOf, type SecAggCrypto, type SecAggErrorCode, type SumTask } from '@tributary/privacy';
import { describe, expect, test } from 'vitest';
import { nativeCrypto } from './native-crypto.ts';
import {
  finish,
  type Gathering,
  gather,
  gatherForMany,
  range,
  rememberingCrypto,
  STAGES,
  type Stage,
} from './secagg-scene.ts';
import { seededBytes } from './seeded-bytes.ts';

/** For each member the stage before which it leaves, or that it stays. */
type Pattern = readonly (Stage | 'stays')[];

const WAYS = [...STAGES, 'stays'] as const;
const VECTORS = [{ bits: 20, length: 3 }];
const HANGS = 900_000;

describe('the unmasked sum is the plain integer sum modulo 2^b, or stays hidden', () => {
  const complete = { kind: 'complete', task: { dropoutFraction: 0.1 } } as const;
  const undisturbed = { kind: 'complete', task: { dropoutFraction: 0 } } as const;
  const sparse = {
    kind: 'harary',
    task: { dropoutFraction: 0.3, corruptFraction: 0, adversary: 'semi-honest' },
  } as const;

  test.each([
    { n: 3, plan: undisturbed, summed: 1 },
    { n: 4, plan: undisturbed, summed: 1 },
    // Everybody stays, or one of n leaves in one of four ways.
    { n: 5, plan: complete, summed: 1 + 5 * 4 },
    { n: 6, plan: complete, summed: 1 + 6 * 4 },
    { n: 6, plan: sparse, summed: 777 },
  ])(
    'for every way in which $n members can leave a graph that is $plan.kind',
    async ({ n, plan, summed }) => {
      const gathering = await gatherOnce(n, plan.task);
      expect(gathering.session.graph.kind).toBe(plan.kind);
      const outcomes: string[] = [];
      for (let code = 0; code < 5 ** n; code += 1) {
        const pattern = range(n).map((member) => WAYS[Math.floor(code / 5 ** member) % 5]!);
        outcomes.push(await expectExactOrHidden(gathering, pattern));
      }
      expect(outcomes.filter((outcome) => outcome === 'summed').length).toBe(summed);
    },
    HANGS,
  );

  test(
    'for 1,000 random ways in which 64 members can leave the complete graph',
    async () => {
      const gathering = await gatherOnce(64, { dropoutFraction: 0.3, minimumSurvivors: 40 });
      expect(gathering.session.graph).toEqual({ kind: 'complete', degree: 63, shareThreshold: 43 });
      const outcomes: string[] = [];
      for (const pattern of randomPatterns({ n: 64, count: 1000, most: 0.5 })) {
        outcomes.push(await expectExactOrHidden(gathering, pattern));
      }
      const summed = outcomes.filter((outcome) => outcome === 'summed').length;
      expect(summed).toBeGreaterThan(400);
      expect(summed).toBeLessThan(900);
    },
    HANGS,
  );

  test(
    'for 100 random ways in which 200 members can leave a Harary graph, 20 of them with nothing remembered',
    async () => {
      const plan = { dropoutFraction: 0.05, corruptFraction: 0.02, adversary: 'semi-honest' } as const;
      const remembering = await gatherOnce(200, plan);
      expect(remembering.session.graph).toEqual({ kind: 'harary', degree: 14, shareThreshold: 5 });
      const outcomes: string[] = [];
      for (const [i, pattern] of randomPatterns({ n: 200, count: 100, most: 0.5 }).entries()) {
        const gathering =
          i < 20
            ? await gather({ n: 200, seed: `real ${i}`, task: { vectors: VECTORS, ...plan } })
            : remembering;
        outcomes.push(await expectExactOrHidden(gathering, pattern));
      }
      const summed = outcomes.filter((outcome) => outcome === 'summed').length;
      expect(summed).toBeGreaterThan(40);
      expect(summed).toBeLessThan(97);
    },
    HANGS,
  );
});

/** Agreed secrets, masks, checked signatures and opened shares are remembered from one pattern to the next. */
function gatherOnce(n: number, task: Partial<SumTask>): Promise<Gathering> {
  const remembering = rememberingCrypto(nativeCrypto(seededBytes('none of the members')));
  const crypto = { ...remembering, maskStream: rememberingStreams(remembering) };
  return gatherForMany({
    n,
    task: { vectors: VECTORS, ...task },
    crypto: (member) => ({ ...crypto, randomBytes: seededBytes(`${n} members/${member ?? 'coordinator'}`) }),
  });
}

/** Of vectors so short that each is read in one go. */
function rememberingStreams(crypto: SecAggCrypto): SecAggCrypto['maskStream'] {
  const known = new Map<string, Promise<Uint8Array>>();
  return (key) => ({
    read: (offset, length) => {
      const name = `${offset}/${length}/${Buffer.from(key).toString('latin1')}`;
      const bytes = known.get(name) ?? readMask(crypto, key, { offset, length });
      known.set(name, bytes);
      return bytes;
    },
  });
}

async function readMask(
  crypto: SecAggCrypto,
  key: Uint8Array,
  { offset, length }: { offset: number; length: number },
): Promise<Uint8Array> {
  return (await crypto.maskStream(key)).read(offset, length);
}

async function expectExactOrHidden(gathering: Gathering, pattern: Pattern): Promise<'summed' | 'hidden'> {
  const { session } = gathering;
  const gone = Object.fromEntries(
    STAGES.map((stage) => [stage, range(session.n).filter((member) => pattern[member] === stage)]),
  );
  const outcome = await finish(gathering, { gone, input: inputOf });
  const expected = headsOf(gathering, pattern);
  const { view } = outcome;
  const survivors = membersOf(view.survivors, session.n);
  const what = { pattern, sharers: membersOf(view.sharers, session.n), survivors };
  expect({ ...what, holders: new Set(view.revealed.map(({ holder }) => holder)) }).toEqual({
    pattern,
    sharers: expected.sharers,
    survivors: expected.survivors,
    holders: new Set(expected.revealing),
  });
  // Whatever happens, of nobody are there shares of both secrets.
  const kinds = new Set(view.revealed.map(({ dealer, kind }) => `${dealer} ${kind}`));
  expect(kinds.size).toBe(new Set(view.revealed.map(({ dealer }) => dealer)).size);

  if (outcome.kind === 'abandoned') {
    expect({ ...what, code: outcome.error.code }).toEqual({ ...what, code: expected.refusal });
    return 'hidden';
  }
  expect({ ...what, code: undefined }).toEqual({ ...what, code: expected.refusal });
  expect(outcome.sums.map((sum) => [...sum])).toEqual(
    VECTORS.map(({ bits, length }, vector) =>
      range(length).map((element) => plainSum(survivors, { vector, element, bits })),
    ),
  );
  return 'summed';
}

/**
 * Up to the fraction `most` leaves, at random stages. Twenty patterns in a row share who leaves before sharing, so that
 * opened shares can be remembered.
 */
function randomPatterns({ n, count, most }: { n: number; count: number; most: number }): Pattern[] {
  const words = seededBytes(`patterns of ${n}`);
  const fraction = () => new Uint32Array(words(4).buffer)[0]! / 2 ** 32;
  let early: readonly boolean[] = [];
  return range(count).map((i) => {
    const rate = fraction() * most;
    if (i % 20 === 0) early = range(n).map(() => fraction() < rate / 4);
    return range(n).map((member) => {
      if (early[member]) return 'sharing';
      return fraction() < rate ? STAGES[1 + Math.floor(fraction() * 3)]! : 'stays';
    });
  });
}

/** Over the whole range of the ring and beyond, so that sums wrap. */
const inputs = new Map<string, Int32Array>();
function inputOf(member: number, vector: number): Int32Array {
  const name = `${member}/${vector}`;
  const values = inputs.get(name) ?? new Int32Array(seededBytes(name)(4 * VECTORS[vector]!.length).buffer);
  inputs.set(name, values);
  return values;
}

function plainSum(
  survivors: readonly number[],
  { vector, element, bits }: { vector: number; element: number; bits: number },
): number {
  const sum = survivors.reduce((sum, member) => sum + BigInt(inputOf(member, vector)[element]!), 0n);
  return Number(BigInt.asIntN(bits, sum));
}

interface Heads {
  readonly sharers: readonly number[];
  readonly survivors: readonly number[];
  readonly revealing: readonly number[];
  /** Why there is no sum. */
  readonly refusal: SecAggErrorCode | undefined;
}

/** Who does what: at each stage somebody goes on who is still there and has t neighbours who are. */
function headsOf({ session, task }: Gathering, pattern: Pattern): Heads {
  const { neighbours, n } = session;
  const { shareThreshold } = session.graph;
  const { minimumSurvivors } = task;
  const staying = (present: readonly number[], stage: Stage) =>
    present.length < minimumSurvivors ? [] : present.filter((member) => pattern[member] !== stage);
  const neighboursAmong = (member: number, present: readonly number[]) =>
    neighbours[member]!.filter((neighbour) => present.includes(neighbour)).length;
  const withEnough = (members: readonly number[], among: readonly number[]) =>
    members.filter((member) => neighboursAmong(member, among) >= shareThreshold);

  const sharers = range(n).filter((member) => pattern[member] !== 'sharing');
  const survivors = withEnough(staying(sharers, 'masking'), sharers);
  const signing = withEnough(staying(survivors, 'confirming'), survivors);
  const revealing = withEnough(
    signing.filter((member) => pattern[member] !== 'revealing'),
    signing,
  );
  const needed = sharers.filter(
    (member) => survivors.includes(member) || neighboursAmong(member, survivors) > 0,
  );
  const isShort = needed.some((member) => neighboursAmong(member, revealing) < shareThreshold);
  const refusal =
    survivors.length < minimumSurvivors
      ? 'secagg-cohort-too-small'
      : isShort
        ? 'secagg-below-threshold'
        : undefined;
  return { sharers, survivors, revealing, refusal };
}
