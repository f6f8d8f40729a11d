/** What a form of updates costs and loses, before anybody trains: bytes as they go up, errors from a dry run. */
import { encodeClear, linearMapLengths, tunedStep } from '@tributary/compression';
import { memberBytes, type SharingGraph } from '@tributary/privacy';
import { TributaryError } from '../errors.ts';
import { parameterCount, type TensorShape } from '../parameters.ts';
import { plainSha256 } from '../sha256.ts';
import { frameLength } from '../wire/frame.ts';
import { ringFrameLength } from '../wire/ring-frame.ts';
import { type AdditivePlan, type CompressionPlan, isAdditive } from './compression-plan.ts';
import { clearContext, type DryRun, dryRun } from './dry-run.ts';
import { ringOf, TAIL_FIELDS } from './secure-sum-plan.ts';
import { smallerShapes, syntheticDelta } from './synthetic-deltas.ts';

export interface ForecastRequest {
  readonly compression: CompressionPlan;
  readonly shapes: readonly TensorShape[];
  /** The most members that one sum may have. */
  readonly cohort: number;
  /** Who shares secrets with whom; null where single updates are seen. */
  readonly graph: SharingGraph | null;
  /** L2 norm of one update, where a code depends on it (1). */
  readonly norm?: number;
}

export interface CompressionForecast {
  /** From one member in one round: frame, and keys, shares and signature of a secure sum. */
  readonly bytesUp: number;
  readonly bytesPerParameter: number;
  /** |decoded mean - mean|^2 / |mean|^2: of members that have nothing in common, and of such that have half. */
  readonly meanError: DryRun['meanError'];
  readonly ring: RingForecast | null;
}

export interface RingForecast {
  /** b: sums are modulo 2^b. */
  readonly bits: number;
  /** Of one element of one sum; 0 where none can wrap. */
  readonly wrapProbability: number;
  /** What the plan allows. */
  readonly wrapBound: number;
  /** Of the elements of the dry run's sums, those that did. */
  readonly wrapped: number;
  /** In the dry run, of updates of the given norm. */
  readonly step: number;
}

/** Payloads of this many parameters are really made; of more, a part. */
const MOST_ENCODED = 2 ** 19;
/** Of the frame around a clear code. */
const CODED_HEADER_BYTES = 12;

/**
 * Yields between pieces of work.
 * @throws TributaryError `plan-impossible`, saying what would be possible
 */
export function* compressionForecast(request: ForecastRequest): Generator<void, CompressionForecast> {
  const { compression, shapes, graph, norm = 1 } = request;
  const found = yield* dryRun({ ...request, norm });
  const bytesUp = (yield* frameBytes(request)) + (graph ? memberBytes(graph) : 0);
  return {
    bytesUp,
    bytesPerParameter: bytesUp / Math.max(parameterCount(shapes), 1),
    meanError: found.meanError,
    ring: isAdditive(compression) ? ringForecast(compression, request, found) : null,
  };
}

function* frameBytes({ compression, shapes, cohort }: ForecastRequest): Generator<void, number> {
  if (compression.codec === 'float32') return frameLength(shapes);
  if (isAdditive(compression)) return additiveBytes(compression, { shapes, cohort });
  const encoded = smallerShapes(shapes, MOST_ENCODED);
  const delta = syntheticDelta(encoded, { name: 'whole', rms: 1 });
  yield;
  const { bytes } = encodeClear(delta, compression, clearContext(encoded, plainSha256(new Uint8Array([4]))));
  yield;
  const scale = parameterCount(shapes) / Math.max(parameterCount(encoded), 1);
  return CODED_HEADER_BYTES + Math.ceil(bytes.length * scale);
}

/** One frame of an additive plan. */
export function additiveBytes(
  plan: AdditivePlan,
  { shapes, cohort }: { readonly shapes: readonly TensorShape[]; readonly cohort: number },
): number {
  const length = linearMapLengths(plan, shapes).to;
  return ringFrameLength({
    isMasked: false,
    length,
    bits: ringBits(plan, { cohort, length }),
    tailLength: TAIL_FIELDS.length,
  });
}

function ringBits(plan: AdditivePlan, { cohort, length }: { cohort: number; length: number }): number {
  if (plan.codec === 'tuned') return plan.ringBits;
  const ring = ringOf(plan, { maximumCohort: cohort, length });
  if (ring.kind === 'impossible') throw new TributaryError('plan-impossible', ring.message);
  return ring.bits;
}

function ringForecast(
  plan: AdditivePlan,
  { shapes, cohort }: ForecastRequest,
  { wrapped, step }: DryRun,
): RingForecast {
  const bits = ringBits(plan, { cohort, length: linearMapLengths(plan, shapes).to });
  const measured = { bits, wrapped, step: step ?? 0 };
  if (plan.codec === 'quantised') return { ...measured, wrapProbability: 0, wrapBound: 0 };
  const tuned = tunedStep({ ...plan, cohort, sumRms: 1 });
  return {
    ...measured,
    wrapProbability: tuned.kind === 'possible' ? tuned.wrapProbability : 1,
    wrapBound: plan.wrapProbability,
  };
}
