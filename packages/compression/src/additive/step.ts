/**
 * The step of a tuned ring (Bonawitz et al. 2019, "Federated learning with autotuned communication-efficient secure
 * aggregation", section 3). A sum of n members has at each element, in steps, a variance of (s / step)^2 + n v: s is the
 * standard deviation of the sum itself, and v the variance of one rounding, 1/6, or 1/12 where its dither is subtracted.
 * After a rotation it is close to normal, so that k standard deviations within half the ring,
 *
 *     4^b = 4 k^2 (s^2 / step^2 + n v),
 *
 * wrap it with probability P(|Z| > k). A larger k wraps less and rounds more.
 */
import { normalTail, normalTailQuantile } from './normal-tail.ts';

const ROUNDING_VARIANCE = { stochastic: 1 / 6, dithered: 1 / 12 } as const;
export type Rounding = keyof typeof ROUNDING_VARIANCE;

const MAXIMUM_RING_BITS = 32;
const MINIMUM_RING_BITS = 2;
/** Beyond it, a sum is more error than update. */
const MAXIMUM_NMSE = 1;
/** Of k: more than any ring is filled by. */
const MOST_DEVIATIONS = 40;

export interface StepRequest {
  /** b: 2 to 32. */
  readonly ringBits: number;
  /** n: the most members that the sum may have. */
  readonly cohort: number;
  /** s: root mean square of the elements of the sum, in the unit of the update; above 0. */
  readonly sumRms: number;
  /** Of one element of one sum, at most. */
  readonly wrapProbability: number;
  readonly rounding: Rounding;
}

export interface TunedStep {
  readonly kind: 'possible';
  /** In the unit of the update. */
  readonly step: number;
  /** k: how many of them half the ring holds. */
  readonly standardDeviations: number;
  /** P(|Z| > k), of one element. */
  readonly wrapProbability: number;
  /** Mean square error of the sum over its mean square: by rounding and by wrapping. */
  readonly expectedNmse: number;
}

export interface ImpossibleStep {
  readonly kind: 'impossible';
  /** The fewest bits that would do for this cohort, if any. */
  readonly ringBits: number | undefined;
  /** The largest cohort for which these bits would do, if any. */
  readonly cohort: number | undefined;
  readonly message: string;
}

/** The step with the least error that keeps to the wrap probability. */
export function tunedStep(request: StepRequest): TunedStep | ImpossibleStep {
  const fit = leastError(request);
  if (fit === undefined) return whatIsPossible(request);
  return {
    kind: 'possible',
    step: request.sumRms / Math.sqrt(room(request, fit.k)),
    standardDeviations: fit.k,
    wrapProbability: normalTail(fit.k),
    expectedNmse: fit.nmse,
  };
}

type RingRequest = Omit<StepRequest, 'sumRms'>;

/** (s / step)^2: the variance, in steps, that the sum itself may have. */
function room({ ringBits, cohort, rounding }: RingRequest, k: number): number {
  return 4 ** ringBits / (4 * k * k) - cohort * ROUNDING_VARIANCE[rounding];
}

/** Rounding errors, and 2^b steps for each element that wraps. */
function nmseOf(request: RingRequest, k: number): number {
  const { ringBits, cohort, rounding } = request;
  const left = room(request, k);
  if (left <= 0) return Number.POSITIVE_INFINITY;
  return (cohort * ROUNDING_VARIANCE[rounding] + normalTail(k) * 4 ** ringBits) / left;
}

/** The error falls with k, then rises: the interval around its least is narrowed to nothing. */
function leastError(request: RingRequest): { readonly k: number; readonly nmse: number } | undefined {
  let [low, high] = [normalTailQuantile(request.wrapProbability), MOST_DEVIATIONS];
  for (let step = 0; step < 100; step += 1) {
    const third = (high - low) / 3;
    // Of two infinities, the smaller k is nearer to what fits.
    if (nmseOf(request, low + third) <= nmseOf(request, high - third)) high -= third;
    else low += third;
  }
  const nmse = nmseOf(request, low);
  return nmse <= MAXIMUM_NMSE ? { k: low, nmse } : undefined;
}

function whatIsPossible(request: StepRequest): ImpossibleStep {
  const { cohort, ringBits, wrapProbability, rounding } = request;
  const fits = (change: Partial<RingRequest>) => leastError({ ...request, ...change }) !== undefined;
  let bits: number | undefined;
  for (let more = MAXIMUM_RING_BITS; more >= MINIMUM_RING_BITS && fits({ ringBits: more }); more -= 1)
    bits = more;
  const smaller = largestCohort(cohort, (fewer) => fits({ cohort: fewer }));
  const possible = [
    ...(bits === undefined ? [] : [`${bits} bits for ${cohort} participants`]),
    ...(smaller === undefined ? [] : [`${ringBits} bits for ${smaller} participants`]),
  ];
  return {
    kind: 'impossible',
    ringBits: bits,
    cohort: smaller,
    message:
      `a ring of ${ringBits} bits cannot hold the sum of ${cohort} participants with ${rounding} rounding at a wrap ` +
      `probability of ${wrapProbability}; possible: ${possible.join(', ') || 'nothing'}`,
  };
}

function largestCohort(below: number, allows: (cohort: number) => boolean): number | undefined {
  if (!allows(1)) return undefined;
  let [low, high] = [1, below];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (allows(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
