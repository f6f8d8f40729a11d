/**
 * The degree and the threshold of a random Harary graph: Bell, Bonawitz, Gascon, Lepoint, Raykova, "Secure
 * Single-Server Aggregation with (Poly)Logarithmic Overhead", CCS 2020, sections 3 and 4; the bounds are evaluated
 * exactly instead of through inequalities of Chernoff's kind.
 *
 * The smallest even degree k with an integer threshold t such that
 * (C1) the honest survivors stay connected: n (n - k - 1) / 2 x C(bad, k) / C(n, k) <= 2^-(sigma + 1), where bad counts
 *      the corrupt and the dropped: to cut the ring, k / 2 neighbours in a row have to be bad in two places;
 * (C2) for every member, the corrupt among its neighbours cannot collect both its secrets: Pr <= 2^-(sigma + 1) / n of
 *      t or more of them (semi-honest), or of k + #corrupt >= 2 t (semi-malicious: an honest neighbour reveals one
 *      secret, which one is the coordinator's to say; a corrupt one reveals both);
 * (C3) for every member, at least t neighbours survive, but for 2^-eta / n.
 * The number of bad neighbours is hypergeometric, since the permutation is random.
 */
import { tailsOf } from './hypergeometric.ts';

/**
 * `semi-honest` follows the protocol and looks; `semi-malicious` lies about who dropped out as well, but does not
 * choose the graph.
 */
export type Adversary = 'semi-honest' | 'semi-malicious';

export interface HararyQuestion {
  readonly n: number;
  /** Members, at most, that work with the coordinator. */
  readonly corrupt: number;
  /** Members, at most, that drop out. */
  readonly dropped: number;
  readonly adversary: Adversary;
  /** sigma: privacy fails with probability 2^-sigma at most. */
  readonly security: number;
  /** eta: with more than `dropped` nobody promises anything; with fewer, the sum fails with 2^-eta at most. */
  readonly correctness: number;
  /** Give up above. */
  readonly largestDegree: number;
}

export interface HararyDegree {
  readonly degree: number;
  /** Every threshold between is private and correct. */
  readonly thresholds: { readonly smallest: number; readonly largest: number };
}

/** @returns undefined when no degree up to `largestDegree`, and below that of the complete graph, will do */
export function smallestHararyDegree(question: HararyQuestion): HararyDegree | undefined {
  const limit = Math.min(question.largestDegree, question.n - 2);
  let degree = smallestConnectedDegree(question);
  while (degree <= limit) {
    const smallest = smallestPrivateThreshold(question, degree);
    const largest = largestReachableThreshold(question, degree);
    const missing = smallest - largest;
    if (missing <= 0) return { degree, thresholds: { smallest, largest } };
    // Two neighbours more raise `largest` by two at most and `smallest` by none at least, or by one where the adversary
    // is semi-malicious: whatever is skipped would fail.
    degree += 2 * (question.adversary === 'semi-honest' ? Math.ceil(missing / 2) : missing);
  }
  return undefined;
}

/** (C1), which every larger degree fulfils, too. */
function smallestConnectedDegree({ n, corrupt, dropped, security }: HararyQuestion): number {
  const negligible = reciprocalOfTwoTo(security + 1);
  const bad = corrupt + dropped;
  let allAreBad = 1;
  for (let degree = 2; degree <= n; degree += 2) {
    allAreBad *=
      (Math.max(0, bad - degree + 2) / (n - degree + 2)) * (Math.max(0, bad - degree + 1) / (n - degree + 1));
    if (((n * (n - degree - 1)) / 2) * allAreBad <= negligible) return degree;
  }
  return n;
}

/** (C2). Never 1: whoever holds a share would hold the secret. */
function smallestPrivateThreshold(
  { n, corrupt, adversary, security }: HararyQuestion,
  degree: number,
): number {
  const corruptNeighbours = tailsOf({ population: n, marked: corrupt, drawn: degree });
  const negligible = reciprocalOfTwoTo(security + 1) / n;
  let most = corruptNeighbours.highest;
  while (most > corruptNeighbours.lowest && corruptNeighbours.atLeast(most) <= negligible) most -= 1;
  const threshold = adversary === 'semi-honest' ? most + 1 : Math.floor((degree + most) / 2) + 1;
  return Math.max(2, threshold);
}

/** (C3). */
function largestReachableThreshold({ n, dropped, correctness }: HararyQuestion, degree: number): number {
  const survivingNeighbours = tailsOf({ population: n, marked: Math.max(0, n - dropped), drawn: degree });
  const negligible = reciprocalOfTwoTo(correctness) / n;
  let threshold = survivingNeighbours.lowest;
  while (threshold < degree && survivingNeighbours.below(threshold + 1) <= negligible) threshold += 1;
  return threshold;
}

/** Exact, which `**` need not be. */
function reciprocalOfTwoTo(exponent: number): number {
  let power = 1;
  for (let i = 0; i < exponent; i += 1) power /= 2;
  return power;
}
