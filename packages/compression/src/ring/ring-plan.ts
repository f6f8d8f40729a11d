/**
 * The ring in which updates are summed: integers modulo 2^b. Both sides compute it from the plan of the run, and neither
 * takes the other's word for it.
 *
 * Wrapping around is what makes masks free, and what would make a sum wrong without a sign of it. So b is chosen such that
 * the true sum lies within [-2^(b-1), 2^(b-1)):
 *
 * - `proven`: always, because n L <= 2^(b-1) - 1.
 * - `probabilistic`: all of the `length` elements do, but with probability at most 0.1, by Hoeffding's inequality (1963,
 *   theorem 2): 2 exp(-T^2 / (2 n L^2)) for each, T = 2^(b-1). It assumes that the values of different participants at one
 *   element are independent with mean zero, so that updates do not point the same way. Updates that agree (equal
 *   data, the first rounds of a large step) break the assumption, unless `bound` is far above what they hold.
 */

const MAXIMUM_RING_BITS = 32;
const MAXIMUM_VALUE_BITS = 24;
const MINIMUM_VALUE_BITS = 2;
/** Of the expected number of wrapped elements in one sum. */
const WRAPPED_ELEMENTS = 0.1;

export type RingMode = 'proven' | 'probabilistic';

export interface RingRequest {
  /** Bits of one participant's values, sign included: 2 to 24. */
  readonly valueBits: number;
  /** Values outside [-bound, bound] are clipped. */
  readonly bound: number;
  readonly ring: RingMode;
  /** n: the most participants that one sum may have. */
  readonly maximumCohort: number;
  /** Elements of a vector. */
  readonly length: number;
}

export interface RingPlan {
  readonly kind: 'possible';
  /** b: sums are modulo 2^b. */
  readonly bits: number;
  /** L: a value is an integer within [-L, L]. */
  readonly levels: number;
  /** gamma = bound / L: what one level is worth. */
  readonly step: number;
}

export interface ImpossibleRing {
  readonly kind: 'impossible';
  /** Says what would be possible. */
  readonly message: string;
}

/** The narrowest ring in which the sum does not wrap; impossible above 32 bits. */
export function ringPlan(request: RingRequest): RingPlan | ImpossibleRing {
  const bits = neededBits(request);
  if (bits > MAXIMUM_RING_BITS) return { kind: 'impossible', message: whatIsPossible(request, bits) };
  const levels = levelsOf(request.valueBits);
  return { kind: 'possible', bits, levels, step: request.bound / levels };
}

function levelsOf(valueBits: number): number {
  return 2 ** (valueBits - 1) - 1;
}

function neededBits({ valueBits, ring, maximumCohort, length }: RingRequest): number {
  const levels = levelsOf(valueBits);
  const largestSum = maximumCohort * levels;
  const variance = maximumCohort * levels ** 2;
  const logarithm = roundedUpLogarithm((2 * length) / WRAPPED_ELEMENTS);
  for (let bits = MINIMUM_VALUE_BITS; ; bits += 1) {
    const edge = 2 ** (bits - 1);
    if (largestSum <= edge - 1) return bits;
    if (ring === 'probabilistic' && edge ** 2 >= 2 * variance * logarithm) return bits;
  }
}

/** ln of the next power of two: engines may differ in the last place of `Math.log`, and both sides need the same b. */
function roundedUpLogarithm(value: number): number {
  let exponent = 0;
  while (2 ** exponent < value) exponent += 1;
  return exponent * Math.LN2;
}

function whatIsPossible(request: RingRequest, bits: number): string {
  const { valueBits, maximumCohort } = request;
  const possible: string[] = [];
  const fewerBits = largest(MINIMUM_VALUE_BITS, MAXIMUM_VALUE_BITS, (fewer) =>
    fits({ ...request, valueBits: fewer }),
  );
  if (fewerBits !== undefined) possible.push(`${fewerBits} value bits for ${maximumCohort} participants`);
  const smallerCohort = largest(1, maximumCohort, (fewer) => fits({ ...request, maximumCohort: fewer }));
  if (smallerCohort !== undefined) possible.push(`${valueBits} value bits for ${smallerCohort} participants`);
  return (
    `sums of ${maximumCohort} values of ${valueBits} bits need a ring of ${bits} bits, and ` +
    `${MAXIMUM_RING_BITS} is the most; possible: ${possible.join(', ') || 'nothing'}`
  );
}

function fits(request: RingRequest): boolean {
  return neededBits(request) <= MAXIMUM_RING_BITS;
}

/** The largest integer that a condition allows which holds up to some point. */
function largest(from: number, to: number, allows: (candidate: number) => boolean): number | undefined {
  if (!allows(from)) return undefined;
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (allows(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
