/**
 * A plan by wish: the operator says how many bytes an update may have, or how much of it may be lost, and gets the plan that
 * makes the best of that. Formulas order the candidates; a dry run, which really encodes and decodes, has the last word.
 */
import { linearMapLengths, tunedStep } from '@tributary/compression';
import { memberBytes, type SharingGraph } from '@tributary/privacy';
import { parameterCount, type TensorShape } from '../parameters.ts';
import { frameLength } from '../wire/frame.ts';
import { additiveBytes, type CompressionForecast, compressionForecast } from './compression-forecast.ts';
import type { CompressionPlan, SamplingPlan } from './compression-plan.ts';

export type CompressionWish =
  /** All that one member sends in one round, for each parameter of the model. */
  | { readonly kind: 'bytes'; readonly bytesPerParameter: number }
  /** |decoded mean - mean|^2 / |mean|^2 of one round, at most. */
  | { readonly kind: 'accuracy'; readonly meanError: number };

export interface WishRequest {
  readonly wish: CompressionWish;
  readonly shapes: readonly TensorShape[];
  /** The most members that one sum may have. */
  readonly cohort: number;
  /** Who shares secrets with whom, where updates are masked; null where they are read one by one. */
  readonly graph: SharingGraph | null;
}

export type WishAnswer =
  | {
      readonly kind: 'possible';
      readonly compression: CompressionPlan;
      readonly forecast: CompressionForecast;
    }
  | {
      readonly kind: 'impossible';
      /** A wish of the same kind that can be fulfilled. */
      readonly possible: CompressionWish;
    };

interface Candidate {
  readonly compression: CompressionPlan;
  readonly bytes: number;
  readonly expectedError: number;
}

/** Of the coordinates, for those who send less than all: everybody the same ones under a mask. */
const FRACTIONS = [1, ...Array.from({ length: 39 }, (_, i) => (39 - i) / 40), 0.02, 0.015, 0.01];
const MASKED_BITS = Array.from({ length: 23 }, (_, i) => i + 2);
/** Of the elements of one sum, in expectation; and for small models of one in a hundred thousand, as is usual. */
const WRAPPED_ELEMENTS = 0.1;
const WRAP_PROBABILITY = 1e-5;
/** In a ring of few bits it costs less to let some wrap than to make the step coarser for all. */
const MORE_WRAPPED = [1e-4, 1e-3];
/** Noise of twice the energy of what it hides is no plan, however few bytes it has. */
const MOST_ERROR = 2;
/** Of the best levels for a normal distribution, unbiased (Vargaftik et al. 2022): for 1 to 4 bits. */
const EDEN_ERRORS = [0.5708, 0.1331, 0.0358, 0.0096] as const;
const MANTISSA_BITS = [1, 2, 3, 4, 5, 6, 7];
/** Of a coded exponent, about. */
const EXPONENT_BITS = 3.5;
/** Of values rounded to powers of two: step^2 / 6 over x^2, at most and on average. */
const TRUNCATION_ERROR = 0.1;
/** Of frame and code, about; and for each coordinate its part of the scale of a block, at most. */
const EDEN_HEADERS = 16;
const SCALE_BYTES = 4 / 256;
/** Candidates that a dry run may turn down before the wish counts as impossible. */
const MOST_TRIALS = 6;

/** Yields between pieces of work, so that a page need not stand still. */
export function* planByWish(request: WishRequest): Generator<void, WishAnswer> {
  const { wish } = request;
  const candidates = (request.graph ? maskedCandidates(request) : clearCandidates(request)).filter(
    ({ expectedError }) => expectedError <= MOST_ERROR,
  );
  let left = promising(candidates, request);
  for (let trial = 0; trial < MOST_TRIALS; trial += 1) {
    const [candidate] = left;
    if (!candidate) break;
    const { compression, expectedError } = candidate;
    const forecast = yield* compressionForecast({ ...request, compression });
    if (isFulfilled(wish, forecast)) return { kind: 'possible', compression, forecast };
    // What the formulas took too lightly here, they take too lightly elsewhere.
    const share = wish.kind === 'accuracy' ? wish.meanError / worstError(forecast) : 1;
    left = left.slice(1).filter((other) => other.expectedError <= expectedError * share || share >= 1);
  }
  return { kind: 'impossible', possible: nearestWish(candidates, request) };
}

/** To the end, for those who need not share their thread. */
export function finished<Result>(work: Generator<void, Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** What should fulfil the wish, the best first. */
function promising(candidates: readonly Candidate[], { wish, shapes }: WishRequest): Candidate[] {
  if (wish.kind === 'accuracy') {
    return candidates
      .filter(({ expectedError }) => expectedError <= wish.meanError)
      .sort((one, other) => one.bytes - other.bytes);
  }
  const most = wish.bytesPerParameter * parameterCount(shapes);
  return candidates
    .filter(({ bytes }) => bytes <= most)
    .sort((one, other) => one.expectedError - other.expectedError);
}

function isFulfilled(wish: CompressionWish, forecast: CompressionForecast): boolean {
  if (wish.kind === 'bytes') return forecast.bytesPerParameter <= wish.bytesPerParameter;
  return worstError(forecast) <= wish.meanError;
}

const worstError = ({ meanError }: CompressionForecast) => Math.max(...Object.values(meanError));

/** With a little room, so that a dry run agrees. */
function nearestWish(candidates: readonly Candidate[], { wish, shapes }: WishRequest): CompressionWish {
  if (wish.kind === 'bytes') {
    const least = Math.min(...candidates.map(({ bytes }) => bytes));
    return {
      kind: 'bytes',
      bytesPerParameter: roundedUp((1.02 * least) / Math.max(parameterCount(shapes), 1)),
    };
  }
  const least = Math.min(...candidates.map(({ expectedError }) => expectedError));
  return { kind: 'accuracy', meanError: roundedUp(1.2 * least) };
}

const oneDigit = (value: number) => Number(value.toPrecision(1));

/** To two digits. */
function roundedUp(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(Math.max(value, 1e-12))) - 1);
  return Number((Math.ceil(value / unit) * unit).toPrecision(2));
}

function maskedCandidates(request: WishRequest): Candidate[] {
  const least = Math.min(WRAP_PROBABILITY, oneDigit(WRAPPED_ELEMENTS / parameterCount(request.shapes)));
  return [least, ...MORE_WRAPPED].flatMap((wrapProbability) => candidatesThatWrap(wrapProbability, request));
}

function candidatesThatWrap(wrapProbability: number, { shapes, cohort, graph }: WishRequest): Candidate[] {
  return MASKED_BITS.flatMap((ringBits) => {
    const rounding = 'dithered';
    const tuned = tunedStep({ ringBits, cohort, sumRms: 1, wrapProbability, rounding });
    if (tuned.kind === 'impossible') return [];
    return FRACTIONS.map((fraction): Candidate => {
      const compression = {
        codec: 'tuned',
        ringBits,
        wrapProbability,
        firstNorm: 1,
        sampling: samplingOf(fraction),
        rotation: 'blocks',
        rounding,
        feedback: { mode: 'off' },
      } as const;
      return {
        compression,
        bytes: additiveBytes(compression, { shapes, cohort }) + (graph ? memberBytes(graph) : 0),
        expectedError: withSampling(tuned.expectedNmse, fraction),
      };
    });
  });
}

const samplingOf = (fraction: number): SamplingPlan =>
  fraction === 1 ? { kind: 'all' } : { kind: 'random-k', fraction };

/** What is kept stands for the rest, over its chance: both its errors and its values grow. */
const withSampling = (error: number, fraction: number): number => (1 + error) / fraction - 1;

function clearCandidates({ shapes }: WishRequest): Candidate[] {
  const eden = EDEN_ERRORS.flatMap((error, i) =>
    FRACTIONS.map((fraction): Candidate => {
      const bits = i + 1;
      const { to } = linearMapLengths({ sampling: samplingOf(fraction), rotation: 'blocks' }, shapes);
      return {
        compression: { codec: 'eden', bits, fraction, adaptive: false, feedback: { mode: 'off' } },
        bytes: EDEN_HEADERS + to * (bits / 8 + SCALE_BYTES),
        expectedError: withSampling(error, fraction),
      };
    }),
  );
  const truncated = MANTISSA_BITS.map((mantissaBits): Candidate => {
    return {
      compression: { codec: 'truncated', mantissaBits, feedback: { mode: 'off' } },
      bytes: (parameterCount(shapes) * (EXPONENT_BITS + 1 + mantissaBits)) / 8,
      expectedError: TRUNCATION_ERROR * 4 ** -mantissaBits,
    };
  });
  const whole: Candidate = {
    compression: { codec: 'float32' },
    bytes: frameLength(shapes),
    expectedError: 0,
  };
  return [...eden, ...truncated, whole];
}
