/**
 * What a code does to the mean of a cohort, measured: synthetic updates are really encoded, summed as the coordinator sums,
 * decoded, and held to their exact mean. A ratio, so that a smaller model tells it for a large one.
 */
import {
  type ClearContext,
  type ClearPlanLike,
  decodeClear,
  ditherOf,
  encodeClear,
  type LinearMap,
  openLinearMap,
  philoxWords,
  quantise,
  subtractDither,
  tunedStep,
} from '@tributary/compression';
import { TributaryError } from '../errors.ts';
import { parameterCount, type TensorShape } from '../parameters.ts';
import { plainSha256 } from '../sha256.ts';
import { type AdditivePlan, type CompressionPlan, isAdditive } from './compression-plan.ts';
import { ringOf } from './secure-sum-plan.ts';
import {
  type Agreement,
  rootMeanSquare,
  type SyntheticCohort,
  smallerShapes,
  syntheticCohorts,
} from './synthetic-deltas.ts';

export interface DryRunRequest {
  readonly compression: CompressionPlan;
  /** Members of the sum. */
  readonly cohort: number;
  readonly shapes: readonly TensorShape[];
  /** L2 norm of one update. */
  readonly norm: number;
}

export interface DryRun {
  /** |decoded mean - mean|^2 / |mean|^2 of a round, by how much the members agree. */
  readonly meanError: Readonly<Record<Agreement, number>>;
  /** Of the elements of both sums, those that wrapped around in their ring. */
  readonly wrapped: number;
  /** In force, of independent members; null without a ring. */
  readonly step: number | null;
}

/** Elements of all members together: some tenths of a second of work. */
const ELEMENTS = 2 ** 20;
const FEWEST_PARAMETERS = 2 ** 11;
const MOST_PARAMETERS = 2 ** 14;
/** Where each member is decoded by itself, more of them tell nothing new. */
const MOST_CLEAR_MEMBERS = 16;
/** What is not clipped wraps around in its ring, and must be an integer before. */
const UNCLIPPED_LEVELS = 2 ** 30;

/**
 * Yields between pieces of work, so that a page need not stand still.
 * @throws TributaryError `plan-impossible`, saying what would be possible
 */
export function* dryRun(request: DryRunRequest): Generator<void, DryRun> {
  const { compression, shapes, norm } = request;
  const members = isAdditive(compression) ? request.cohort : Math.min(request.cohort, MOST_CLEAR_MEMBERS);
  const most = Math.min(Math.max(Math.floor(ELEMENTS / members), FEWEST_PARAMETERS), MOST_PARAMETERS);
  const small = smallerShapes(shapes, most);
  const rms = norm / Math.sqrt(Math.max(parameterCount(shapes), 1));
  const cohorts = yield* syntheticCohorts({ shapes: small, members, rms });
  const model = { shapes: small, length: parameterCount(shapes) };
  const independent = yield* tryOut(compression, { ...model, cohort: cohorts.independent });
  const halfAligned = yield* tryOut(compression, { ...model, cohort: cohorts['half-aligned'] });
  return {
    meanError: { independent: independent.error, 'half-aligned': halfAligned.error },
    wrapped: (independent.wrapped + halfAligned.wrapped) / 2,
    step: independent.step,
  };
}

interface TrialRequest {
  readonly cohort: SyntheticCohort;
  readonly shapes: readonly TensorShape[];
  /** Of the whole model. */
  readonly length: number;
}

interface Trial {
  readonly error: number;
  readonly wrapped: number;
  readonly step: number | null;
}

function* tryOut(compression: CompressionPlan, request: TrialRequest): Generator<void, Trial> {
  if (compression.codec === 'float32') return { error: 0, wrapped: 0, step: null };
  if (isAdditive(compression)) return yield* summed(compression, request);
  return { error: yield* readOneByOne(compression, request), wrapped: 0, step: null };
}

/** As `additiveUpdate` and the ring's sum have it, without a frame. */
function* summed(plan: AdditivePlan, { cohort, shapes, length }: TrialRequest): Generator<void, Trial> {
  const seed = plainSha256(new Uint8Array([1]));
  const map = openLinearMap(plan, shapes, seed);
  const rotated: Float32Array[] = [];
  const exact = new Float64Array(map.to);
  for (const delta of cohort.deltas) {
    const values = map.rotate(map.sample(delta));
    rotated.push(values);
    for (let i = 0; i < exact.length; i += 1) exact[i]! += values[i]!;
    yield;
  }
  const members = rotated.length;
  const ring = ringIn(plan, { members, length, sumRms: rootMeanSquare(exact) });
  const random = philoxWords(plainSha256(new Uint8Array([2])), 0);
  const sum = new Float64Array(map.to);
  for (const [member, values] of rotated.entries()) {
    const words = plan.rounding === 'dithered' ? ditherOf(seed, member) : random;
    const integers = quantise(values, { plan: ring, scale: 1, random: words });
    for (let i = 0; i < sum.length; i += 1) sum[i]! += integers[i]!;
    yield;
  }
  const wrapped = wrapAround(sum, ring.bits);
  if (plan.rounding === 'dithered') {
    subtractDither(sum, { seed, streams: rotated.map((_, member) => member), bits: ring.bits });
  }
  const mean = Float32Array.from(sum, (value) => (value * ring.step) / members);
  return {
    error: errorOf(decoded(map, map.unrotate(mean), plan), cohort.mean),
    wrapped,
    step: ring.step,
  };
}

/** What was not sent stays on the devices with error feedback; without, the rest stands for it. */
function decoded(map: LinearMap, kept: Float32Array, plan: AdditivePlan): Float32Array {
  return plan.feedback.mode === 'on' ? map.spread(kept) : map.estimate(kept);
}

/** A tuned step is the one that this very sum asks for: from one round to the next it moves little. */
function ringIn(
  plan: AdditivePlan,
  { members, length, sumRms }: { members: number; length: number; sumRms: number },
): { bits: number; step: number; levels: number } {
  if (plan.codec === 'quantised') {
    const ring = ringOf(plan, { maximumCohort: members, length });
    if (ring.kind === 'impossible') throw new TributaryError('plan-impossible', ring.message);
    return ring;
  }
  const { ringBits, wrapProbability, rounding } = plan;
  const tuned = tunedStep({ ringBits, cohort: members, sumRms, wrapProbability, rounding });
  if (tuned.kind === 'impossible') throw new TributaryError('plan-impossible', tuned.message);
  return { bits: ringBits, step: tuned.step, levels: UNCLIPPED_LEVELS };
}

/** Modulo 2^bits into [-2^(bits-1), 2^(bits-1)), as the ring does. @returns the fraction that this changes */
function wrapAround(sum: Float64Array, bits: number): number {
  const modulus = 2 ** bits;
  let wrapped = 0;
  for (let i = 0; i < sum.length; i += 1) {
    const turns = Math.floor(sum[i]! / modulus + 0.5);
    if (turns !== 0) wrapped += 1;
    sum[i] = sum[i]! - turns * modulus;
  }
  return wrapped / Math.max(sum.length, 1);
}

function* readOneByOne(plan: ClearPlanLike, { cohort, shapes }: TrialRequest): Generator<void, number> {
  const mean = new Float64Array(cohort.mean.length);
  for (const [member, delta] of cohort.deltas.entries()) {
    const seed = plainSha256(new Uint8Array([3, member]));
    const { bytes } = encodeClear(delta, plan, clearContext(shapes, seed));
    const values = decodeClear(bytes, plan, { shapes, seed });
    for (let i = 0; i < mean.length; i += 1) mean[i]! += values[i]! / cohort.deltas.length;
    yield;
  }
  return errorOf(mean, cohort.mean);
}

/** Of a device that takes part for the first time, after any warm-up. */
export function clearContext(shapes: readonly TensorShape[], seed: Uint8Array): ClearContext {
  return {
    shapes,
    seed,
    random: philoxWords(seed, 0),
    roundNumber: 1,
    committedRounds: Number.MAX_SAFE_INTEGER,
    feedback: null,
  };
}

function errorOf(found: ArrayLike<number>, mean: Float64Array): number {
  let [error, energy] = [0, 0];
  for (let i = 0; i < mean.length; i += 1) {
    error += (found[i]! - mean[i]!) ** 2;
    energy += mean[i]! ** 2;
  }
  return energy === 0 ? 0 : error / energy;
}
