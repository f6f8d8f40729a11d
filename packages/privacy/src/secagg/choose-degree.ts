/**
 * Who shares secrets with whom, and how many shares rebuild one: both sides compute it from the plan and the size of
 * the cohort, neither takes it from a message.
 *
 * The complete graph stands where it is cheap (up to 64 members), where the plan asks for it (up to 200), and where a
 * sparse one would have 0.7 n neighbours anyway. There nothing is left to chance: with n - 1 holders of each secret,
 * t <= n - 1 - dropped (the owner's own share does not count) and 2 t > n - 1 + corrupt, or t > corrupt against a
 * semi-honest coordinator; and t > n / 2 in any case. It takes the largest t that drop-outs allow, since every share more
 * is one more device that a liar has to win. On the sparse graph, where the bounds leave a step or two, the smallest t
 * keeps the round alive through more drop-outs than planned, and costs the least to rebuild.
 */
import { SecAggError } from './errors.ts';
import { type Adversary, smallestHararyDegree } from './harary-degree.ts';

/** sigma and eta of `HararyQuestion`. */
const SECURITY = 40;
const CORRECTNESS = 30;

const COMPLETE_UP_TO = 64;
const COMPLETE_ON_REQUEST_UP_TO = 200;
/** A share's x coordinate is a byte that is not zero, and the degree is even. */
const LARGEST_HARARY_DEGREE = 254;
/** Where the message of a refusal looks for another size: so far from the refused one, then at these. */
const DISTANCES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const SIZES = [COMPLETE_ON_REQUEST_UP_TO, COMPLETE_UP_TO];
const LARGEST_COHORT = 1000;

export interface GraphPlan {
  /** Fraction of the cohort, in [0, 1), that may work with the coordinator. */
  readonly corruptFraction: number;
  /** Fraction of the cohort, in [0, 1), that may drop out once the roster is closed. */
  readonly dropoutFraction: number;
  readonly adversary: Adversary;
  readonly graph: 'auto' | 'complete';
}

export interface SharingGraph {
  readonly kind: 'complete' | 'harary';
  /** Neighbours of each member: the holders of its shares. */
  readonly degree: number;
  /** t: shares that rebuild a secret. */
  readonly shareThreshold: number;
}

/** @throws SecAggError `secagg-parameters-impossible`; its message says what would be possible */
export function chooseGraph(plan: GraphPlan & { readonly n: number }): SharingGraph {
  const graph = graphIfPossible(plan);
  if (graph === undefined) {
    throw new SecAggError('secagg-parameters-impossible', whatWouldBePossible(plan));
  }
  return graph;
}

export interface CohortRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The sizes between `minimum` and `maximum`, both included, that the plan can protect, as ascending ranges. There may be
 * gaps: counts are rounded up, which weighs more in small cohorts.
 */
export function feasibleCohorts(
  plan: GraphPlan,
  { minimum, maximum }: { minimum: number; maximum: number },
): readonly CohortRange[] {
  const ranges: CohortRange[] = [];
  for (let n = minimum; n <= maximum; n += 1) {
    if (graphIfPossible({ ...plan, n }) === undefined) continue;
    const last = ranges.at(-1);
    if (last?.to === n - 1) ranges[ranges.length - 1] = { from: last.from, to: n };
    else ranges.push({ from: n, to: n });
  }
  return ranges;
}

function graphIfPossible(plan: GraphPlan & { readonly n: number }): SharingGraph | undefined {
  const { n } = plan;
  if (plan.graph === 'complete') return n <= COMPLETE_ON_REQUEST_UP_TO ? complete(plan) : undefined;
  if (n <= COMPLETE_UP_TO) return complete(plan) ?? harary(plan);
  if (n > COMPLETE_ON_REQUEST_UP_TO) return harary(plan);
  const sparse = harary(plan);
  const isNearlyComplete = sparse === undefined || sparse.degree * 10 >= n * 7;
  return isNearlyComplete ? (complete(plan) ?? sparse) : sparse;
}

function complete(plan: GraphPlan & { readonly n: number }): SharingGraph | undefined {
  const thresholds = completeThresholds(plan);
  if (thresholds.smallest > thresholds.largest) return undefined;
  return { kind: 'complete', degree: plan.n - 1, shareThreshold: thresholds.largest };
}

/** Every threshold between is private and correct on the complete graph; none is when `smallest` is the larger one. */
export function completeThresholds(plan: GraphPlan & { readonly n: number }): {
  smallest: number;
  largest: number;
} {
  const { n, adversary } = plan;
  const { corrupt, dropped } = headcounts(plan);
  const majority = Math.floor(n / 2) + 1;
  const isPrivateFrom = adversary === 'semi-honest' ? corrupt + 1 : Math.floor((n - 1 + corrupt) / 2) + 1;
  return { smallest: Math.max(majority, isPrivateFrom), largest: n - 1 - dropped };
}

function harary(plan: GraphPlan & { readonly n: number }): SharingGraph | undefined {
  const { n, adversary } = plan;
  const found = smallestHararyDegree({
    n,
    ...headcounts(plan),
    adversary,
    security: SECURITY,
    correctness: CORRECTNESS,
    largestDegree: LARGEST_HARARY_DEGREE,
  });
  return found && { kind: 'harary', degree: found.degree, shareThreshold: found.thresholds.smallest };
}

/** Rounded up; but 0.07 x 100 is 7, whatever binary fractions make of it. */
function headcounts({ n, corruptFraction, dropoutFraction }: GraphPlan & { readonly n: number }): {
  corrupt: number;
  dropped: number;
} {
  const roundedUp = (fraction: number) => Math.ceil(fraction * n - 1e-9);
  return { corrupt: roundedUp(corruptFraction), dropped: roundedUp(dropoutFraction) };
}

function whatWouldBePossible(plan: GraphPlan & { readonly n: number }): string {
  const { n, corruptFraction, dropoutFraction, adversary, graph } = plan;
  const isPossible = (change: Partial<typeof plan>) => graphIfPossible({ ...plan, ...change }) !== undefined;
  const dropout = lowered(dropoutFraction, (fraction) => isPossible({ dropoutFraction: fraction }));
  const corrupt = lowered(corruptFraction, (fraction) => isPossible({ corruptFraction: fraction }));
  const sizes = [...DISTANCES.flatMap((distance) => [n + distance, n - distance]), ...SIZES];
  const cohort = sizes.find((size) => size >= 3 && size <= LARGEST_COHORT && isPossible({ n: size }));
  const ways = [
    dropout !== undefined && `a drop-out fraction of ${dropout}`,
    corrupt !== undefined && `a corrupt fraction of ${corrupt}`,
    cohort !== undefined && `a cohort of ${cohort}`,
    graph === 'complete' && isPossible({ graph: 'auto' }) && 'a sparse graph',
    adversary === 'semi-malicious' && isPossible({ adversary: 'semi-honest' }) && 'a semi-honest coordinator',
  ].filter((way) => way !== false);
  return [
    `No ${graph === 'complete' ? 'complete ' : ''}graph protects a cohort of ${n} from a ${adversary} coordinator`,
    `with a corrupt fraction of ${corruptFraction} while a fraction of ${dropoutFraction} drops out.`,
    ways.length > 0 ? `Each of these would do: ${ways.join('; ')}.` : 'Lower both fractions.',
  ].join(' ');
}

/** About the largest fraction of whole hundredths below the given one that will do. */
function lowered(fraction: number, willDo: (fraction: number) => boolean): number | undefined {
  let possible: number | undefined;
  let low = 0;
  let high = Math.ceil(fraction * 100) - 1;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    if (willDo(middle / 100)) {
      possible = middle / 100;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return possible;
}
