import { describe, expect, test } from 'vitest';
import {
  chooseGraph,
  completeThresholds,
  feasibleCohorts,
  type GraphPlan,
} from '../src/secagg/choose-degree.ts';
import { SecAggError } from '../src/secagg/errors.ts';
import { type Adversary, type HararyQuestion, smallestHararyDegree } from '../src/secagg/harary-degree.ts';
import { tailsOf } from '../src/secagg/hypergeometric.ts';
import { binomial } from './exact-probabilities.ts';
import { PUBLISHED_DEGREES } from './published-degrees.ts';

/** [corrupt fraction, dropout fraction] of each column. */
const FRACTIONS = [
  [0.05, 0.05],
  [0.05, 0.1],
  [0.1, 0.05],
  [0.1, 0.1],
  [0.1, 0.3],
  [0.2, 0.3],
  [0.33, 0.3],
  [0.1, 0.5],
  [0.33, 0.5],
] as const;

/**
 * sigma = 40, eta = 30, head counts rounded up. `k/t`: the smallest degree of a Harary graph and its smallest
 * threshold. `K a..b`: the degree would be 0.7 n or more, or none would do, and on the complete graph every t from a to
 * b will, with t > n / 2. Where the owner's own share is not counted, a complete graph is one of degree n - 1: that
 * takes one from either end where one would write n instead.
 */
const TABLE: Readonly<Record<Adversary, Readonly<Record<number, string>>>> = {
  'semi-honest': {
    10: '4/2 | 4/2 | 4/2 | 4/2 | 6/2 | 6/3 | K 6..6 | 8/2 | impossible',
    50: '8/4 | 10/4 | 10/6 | 12/6 | 22/6 | 26/11 | 34/18 | 32/6 | 44/18',
    100: '12/6 | 16/6 | 16/11 | 22/11 | 36/11 | 50/21 | 64/34 | 54/11 | 84/34',
    500: '30/16 | 36/17 | 38/23 | 46/25 | 88/33 | 132/60 | 210/111 | 154/42 | 382/159',
    1000: '34/18 | 40/19 | 42/25 | 52/28 | 102/39 | 160/73 | 276/146 | 194/54 | 642/268',
    10000: '38/21 | 46/22 | 48/29 | 60/32 | 126/48 | 206/94 | 402/213 | 264/74 | 1682/704',
  },
  'semi-malicious': {
    10: '4/3 | 4/3 | 4/3 | 4/3 | K 6..6 | K 6..6 | impossible | impossible | impossible',
    50: '10/7 | 14/9 | 12/9 | 16/11 | K 28..34 | K 30..34 | K 34..34 | impossible | impossible',
    100: '16/11 | 26/16 | 22/17 | 32/22 | K 55..69 | K 60..69 | K 67..69 | impossible | impossible',
    500: '52/36 | 76/49 | 66/48 | 94/64 | 298/175 | K 300..349 | K 333..349 | impossible | impossible',
    1000: '62/43 | 90/58 | 76/55 | 114/78 | 462/273 | 682/432 | K 665..699 | impossible | impossible',
    10000: '74/51 | 114/74 | 94/68 | 144/98 | 936/555 | 2082/1319 | 6942/4706 | impossible | impossible',
  },
};

const cells = (['semi-honest', 'semi-malicious'] as const).flatMap((adversary) =>
  Object.entries(TABLE[adversary]).flatMap(([n, row]) =>
    row.split(' | ').map((cell, column) => {
      const [corruptFraction, dropoutFraction] = FRACTIONS[column]!;
      return { n: Number(n), adversary, corruptFraction, dropoutFraction, cell };
    }),
  ),
);

describe('degree and threshold', () => {
  test('[G-1] [G-2] are those of the table, for both adversaries', () => {
    for (const { cell, ...plan } of cells) {
      const thresholds = completeThresholds({ ...plan, graph: 'auto' });
      const isCompletePossible = thresholds.smallest <= thresholds.largest;
      const sparse = smallestHararyDegree(hararyQuestion(plan, { rounding: 'up', correctness: 30 }));
      const isSparseWorthIt = sparse !== undefined && (sparse.degree < 0.7 * plan.n || !isCompletePossible);
      const found = isSparseWorthIt
        ? `${sparse.degree}/${sparse.thresholds.smallest}`
        : isCompletePossible
          ? `K ${thresholds.smallest}..${thresholds.largest}`
          : 'impossible';
      expect(`${JSON.stringify(plan)} ${found}`).toBe(`${JSON.stringify(plan)} ${cell}`);
    }
  });

  test('are those that another implementation publishes, up to a million members, but where it clamps', () => {
    const different: string[] = [];
    for (const [corruptFraction, dropoutFraction, adversary, expected] of PUBLISHED_DEGREES) {
      for (const [n, pair] of Object.entries(expected)) {
        const plan = { n: Number(n), corruptFraction, dropoutFraction, adversary };
        const found = smallestHararyDegree(hararyQuestion(plan, { rounding: 'down', correctness: 20 }))!;
        const ours = `${found.degree}/${found.thresholds.smallest}`;
        if (ours !== pair) {
          different.push(`${n} ${corruptFraction} ${dropoutFraction} ${adversary}: ${pair}, ours ${ours}`);
        }
      }
    }
    // There the other one raises a threshold of 1 to 2 after it has checked that 1 can be reached. With 3 of 10 dropped,
    // fewer than 2 of 4 neighbours survive with probability C(7, 1) C(3, 3) / C(10, 4) = 1/30, not 2^-20 / 10.
    expect(different).toEqual([
      '10 0.05 0.33 semi-honest: 4/2, ours 6/2',
      '10 0 0.33 semi-honest: 4/2, ours 6/2',
    ]);
    expect(tailsOf({ population: 10, marked: 7, drawn: 4 }).below(2)).toBeCloseTo(7 / 210, 15);
  });

  test('[G-1] of small Harary graphs are those of a search through all of them with exact rationals', () => {
    for (let n = 3; n <= 22; n += 1) {
      for (const [corrupt, dropped] of [0, 1, 2, 5].flatMap((c) =>
        [0, 1, 3, 8].map((d) => [c, d] as const),
      )) {
        if (corrupt + dropped > n) continue;
        for (const adversary of ['semi-honest', 'semi-malicious'] as const) {
          // Small demands: otherwise every graph of so few is nearly complete.
          const question = { n, corrupt, dropped, adversary, security: 4, correctness: 2, largestDegree: n };
          expect({ question, found: smallestHararyDegree(question) }).toEqual({
            question,
            found: searchExactly(question),
          });
        }
      }
    }
  });

  test('[G-2] of the complete graph leave no way to tell some that a member lives and others that it died, and get both secrets', () => {
    for (let n = 3; n <= 12; n += 1) {
      for (let corrupt = 0; corrupt < n; corrupt += 1) {
        const plan = {
          n,
          corruptFraction: corrupt / n,
          dropoutFraction: 0,
          adversary: 'semi-malicious',
          graph: 'auto',
        } as const;
        const honestHolders = n - 1 - corrupt;
        const bothSecretsAt = (threshold: number) =>
          Array.from({ length: honestHolders + 1 }, (_, toldAlive) => toldAlive).some(
            (toldAlive) => Math.min(toldAlive, honestHolders - toldAlive) + corrupt >= threshold,
          );
        const { smallest } = completeThresholds(plan);
        expect(bothSecretsAt(smallest)).toBe(false);
        // One less would be reachable, or no majority.
        expect(bothSecretsAt(smallest - 1) || smallest - 1 <= n / 2).toBe(true);
      }
    }
  });
});

describe('the graph of a plan', () => {
  const plan: GraphPlan = {
    corruptFraction: 0.1,
    dropoutFraction: 0.1,
    adversary: 'semi-malicious',
    graph: 'auto',
  };

  test('[G-3] is complete up to 64 members, with the largest threshold that drop-outs allow', () => {
    expect(chooseGraph({ ...plan, n: 64 })).toEqual({ kind: 'complete', degree: 63, shareThreshold: 56 });
    expect(chooseGraph({ ...plan, n: 65 })).toEqual({ kind: 'harary', degree: 22, shareThreshold: 15 });
  });

  test('[G-3] is complete up to 200 members where the plan wants it; the owner of a secret is no holder', () => {
    const wanted = { ...plan, graph: 'complete', dropoutFraction: 0.3 } as const;
    expect(chooseGraph({ ...wanted, n: 100 })).toEqual({ kind: 'complete', degree: 99, shareThreshold: 69 });
    expect(chooseGraph({ ...wanted, n: 200 }).shareThreshold).toBe(139);
    expect(() => chooseGraph({ ...wanted, n: 201 })).toThrow(
      /Each of these would do: .*a cohort of 200.*; a sparse graph/,
    );
  });

  test('[G-3] is complete, too, where a sparse one would have 0.7 n neighbours', () => {
    expect(chooseGraph({ ...plan, dropoutFraction: 0.3, n: 100 }).kind).toBe('complete');
    expect(chooseGraph({ ...plan, dropoutFraction: 0.2, n: 100 }).kind).toBe('harary');
  });

  test('[G-3] is sparse in a small cohort only where no majority can be reached', () => {
    const halfDrops = { ...plan, adversary: 'semi-honest', dropoutFraction: 0.5 } as const;
    expect(chooseGraph({ ...halfDrops, n: 50 })).toEqual({ kind: 'harary', degree: 32, shareThreshold: 6 });
    expect(() => chooseGraph({ ...halfDrops, graph: 'complete', n: 50 })).toThrow('a sparse graph');
  });

  test('[G-3] never gives anybody more than 255 neighbours: a share has one byte for its place', () => {
    for (let n = 3; n <= 1000; n += 7) {
      for (const [corruptFraction, dropoutFraction] of FRACTIONS) {
        for (const adversary of ['semi-honest', 'semi-malicious'] as const) {
          const cell = { ...plan, corruptFraction, dropoutFraction, adversary };
          if (feasibleCohorts(cell, { minimum: n, maximum: n }).length === 0) continue;
          const { degree, shareThreshold } = chooseGraph({ ...cell, n });
          expect(degree).toBeLessThan(Math.min(n, 256));
          expect(shareThreshold).toBeGreaterThanOrEqual(2);
          expect(shareThreshold).toBeLessThanOrEqual(degree);
        }
      }
    }
  });

  test('[G-3] is refused where there is none, with what would be possible', () => {
    for (const { cell, ...fractions } of cells.filter(({ cell }) => cell === 'impossible')) {
      const refused = refusalOf({ ...fractions, graph: 'auto' });
      expect(refused.code).toBe('secagg-parameters-impossible');
      expect(refused.message).toContain('Each of these would do: a drop-out fraction of');
    }
    expect(refusalOf({ ...plan, n: 50, dropoutFraction: 0.5 }).message).toBe(
      'No graph protects a cohort of 50 from a semi-malicious coordinator with a corrupt fraction of 0.1 ' +
        'while a fraction of 0.5 drops out. Each of these would do: a drop-out fraction of 0.42; ' +
        'a semi-honest coordinator.',
    );
  });

  test('exists for what the message of a refusal proposes, whatever was refused', () => {
    for (const n of [1, 2, 3, 4, 10, 33, 150, 201, 500, 1000]) {
      for (const [corruptFraction, dropoutFraction] of FRACTIONS) {
        for (const graph of ['auto', 'complete'] as const) {
          for (const adversary of ['semi-honest', 'semi-malicious'] as const) {
            const refused = { n, corruptFraction, dropoutFraction, adversary, graph };
            for (const change of proposalsIn(refused)) {
              expect(() => chooseGraph({ ...refused, ...change })).not.toThrow();
            }
          }
        }
      }
    }
  });
});

describe('feasible cohorts', () => {
  test('are the sizes that have a graph, as ranges with their gaps', () => {
    const plan = {
      corruptFraction: 0.2,
      dropoutFraction: 0.3,
      adversary: 'semi-malicious',
      graph: 'auto',
    } as const;
    const ranges = feasibleCohorts(plan, { minimum: 3, maximum: 400 });
    expect(ranges).toEqual([
      { from: 10, to: 10 },
      { from: 13, to: 13 },
      { from: 15, to: 16 },
      { from: 18, to: 315 },
    ]);
    for (let n = 3; n <= 400; n += 1) {
      const isInARange = ranges.some(({ from, to }) => from <= n && n <= to);
      expect(`${n} ${isInARange}`).toBe(`${n} ${refusalOf({ ...plan, n }).code === undefined}`);
    }
  });

  test('begin at three where nobody drops out, and at five with the default fractions', () => {
    const plan = { adversary: 'semi-malicious', graph: 'auto' } as const;
    const sizes = { minimum: 1, maximum: 1000 };
    expect(feasibleCohorts({ ...plan, corruptFraction: 0.1, dropoutFraction: 0 }, sizes)).toEqual([
      { from: 3, to: 1000 },
    ]);
    expect(feasibleCohorts({ ...plan, corruptFraction: 0.1, dropoutFraction: 0.1 }, sizes)).toEqual([
      { from: 5, to: 1000 },
    ]);
  });
});

function refusalOf(plan: GraphPlan & { n: number }): { code?: string; message: string } {
  try {
    chooseGraph(plan);
  } catch (error) {
    if (error instanceof SecAggError) return error;
    throw error;
  }
  return { message: '' };
}

function proposalsIn(plan: GraphPlan & { n: number }): Partial<GraphPlan & { n: number }>[] {
  const { message } = refusalOf(plan);
  const number = (pattern: RegExp) => Number(message.match(pattern)![1]);
  return [
    ...(/drop-out fraction of/.test(message)
      ? [{ dropoutFraction: number(/a drop-out fraction of ([\d.]*\d)/) }]
      : []),
    ...(/do:.* corrupt fraction/.test(message)
      ? [{ corruptFraction: number(/do:.* corrupt fraction of ([\d.]*\d)/) }]
      : []),
    ...(/a cohort of \d+[;.]/.test(message) ? [{ n: number(/a cohort of (\d+)[;.]/) }] : []),
    ...(/sparse graph/.test(message) ? [{ graph: 'auto' } as const] : []),
    ...(/a semi-honest coordinator\./.test(message) ? [{ adversary: 'semi-honest' } as const] : []),
  ];
}

/** The conditions of harary-degree.ts in whole numbers, for every even degree and every threshold. */
function searchExactly(question: HararyQuestion): ReturnType<typeof smallestHararyDegree> {
  const { n, corrupt, dropped, adversary } = question;
  const security = 2n ** BigInt(question.security + 1);
  const correctness = 2n ** BigInt(question.correctness);
  const members = BigInt(n);
  /** Pr[x holds for the marked among k neighbours], as ways of C(n, k). */
  const ways = (marked: number, k: number, holds: (count: number) => boolean) => {
    let sum = 0n;
    for (let x = 0; x <= k; x += 1) if (holds(x)) sum += binomial(marked, x) * binomial(n - marked, k - x);
    return sum;
  };
  for (let k = 2; k < n - 1; k += 2) {
    const all = binomial(n, k);
    if (members * BigInt(n - k - 1) * binomial(corrupt + dropped, k) * security > 2n * all) continue;
    const thresholds = Array.from({ length: k - 1 }, (_, i) => i + 2).filter((t) => {
      const losesPrivacy = (x: number) => (adversary === 'semi-honest' ? x >= t : k + x >= 2 * t);
      const isPrivate = ways(corrupt, k, losesPrivacy) * security * members <= all;
      const isCorrect = ways(n - dropped, k, (x) => x < t) * correctness * members <= all;
      return isPrivate && isCorrect;
    });
    if (thresholds.length > 0) {
      return { degree: k, thresholds: { smallest: thresholds[0]!, largest: thresholds.at(-1)! } };
    }
  }
  return undefined;
}

function hararyQuestion(
  plan: { n: number; corruptFraction: number; dropoutFraction: number; adversary: Adversary },
  options: { rounding: 'up' | 'down'; correctness: number },
): HararyQuestion {
  const count = (fraction: number) =>
    options.rounding === 'up' ? Math.ceil(fraction * plan.n - 1e-9) : Math.floor(fraction * plan.n + 1e-9);
  return {
    n: plan.n,
    corrupt: count(plan.corruptFraction),
    dropped: count(plan.dropoutFraction),
    adversary: plan.adversary,
    security: 40,
    correctness: options.correctness,
    largestDegree: plan.n,
  };
}
