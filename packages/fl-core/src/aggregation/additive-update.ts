/**
 * A model delta as integers that add up: sampled, clipped, rotated, weighted, rounded, with the counts that belong to it. In a
 * run with secure aggregation the masks are added next, in place, and only then is there a frame.
 */
import {
  CodecError,
  createLaneSum,
  ditherOf,
  openLinearMap,
  quantisedPieces,
  type RandomWords,
  type RingVector,
} from '@tributary/compression';
import { clipToNorm } from '@tributary/privacy';
import { TributaryError } from '../errors.ts';
import type { ClientId } from '../identifiers.ts';
import type { TensorShape } from '../parameters.ts';
import { type SumManifest, type SumPlan, shareOfNorm, sumLayout, sumPlan } from '../task/secure-sum-plan.ts';
import { ditherStream, type RoundCode } from '../update/round-code.ts';
import { decodeRingFrame, encodeRingFrame } from '../wire/ring-frame.ts';
import { isDithered, keepsResidual, openOwnDecoding } from './additive-decode.ts';
import { weightOf } from './aggregator.ts';
import { type TailEvaluation, tailOf, tailValues } from './tail.ts';

/** The update, then its tail: secret until they are masked. */
export type AdditiveUpdate = readonly [RingVector, RingVector];

export interface AdditiveCode {
  readonly update: AdditiveUpdate;
  /**
   * With error feedback: what was to be sent less what the coordinator reads from these integers. As secret as the model
   * delta. Null without.
   */
  readonly residual: Float32Array<ArrayBuffer> | null;
}

export interface AdditiveUpdateOptions {
  readonly manifest: SumManifest;
  readonly shapes: readonly TensorShape[];
  readonly round: RoundCode;
  /** Whose update it is: with public dither, it rounds by this name. */
  readonly clientId: ClientId;
  /** That were trained on. */
  readonly exampleCount: number;
  /** Of the round's model on held-out examples; null without. */
  readonly evaluation: TailEvaluation | null;
  /** Rounds what is not dithered. */
  readonly random: RandomWords;
}

/** Elements: some milliseconds of work; a multiple of what a source of randomness gives at once. */
const PIECE = 131_072;

/**
 * v = R(clip(w / w_max x rotate(clip to the norm(sample(input))) / step, +-levels)), where R rounds to one of the two
 * neighbours, without bias.
 * @param input the model delta, with what error feedback carries
 * @throws TributaryError `update-not-finite`
 */
export function additiveCode(input: Float32Array, options: AdditiveUpdateOptions): AdditiveCode {
  const pieces = additivePieces(input, options);
  for (;;) {
    const step = pieces.next();
    if (step.done) return step.value;
  }
}

/** The same, with a yield between pieces of work: a page must not stand still for a large model. */
export function* additivePieces(
  input: Float32Array,
  options: AdditiveUpdateOptions,
): Generator<void, AdditiveCode> {
  const { manifest, shapes, round, exampleCount, evaluation } = options;
  const plan = sumPlan(manifest, shapes, round.encoding);
  const map = openLinearMap(plan.linear, shapes, round.seed);
  const weight = weightOf(exampleCount, manifest.aggregation);
  const random = isDithered(manifest) ? ditherOf(round.seed, ditherStream(options.clientId)) : options.random;
  const [update, tail] = [emptyVector(plan.vectors[0]), emptyVector(plan.vectors[1])];
  const rotated = map.rotated(clipped(map.sample(input), manifest, plan));
  const scale = weight / plan.maximumWeight;
  const { step, levels } = plan.ring;
  const quantisation = { plan: { step, levels }, scale, random };
  const own = keepsResidual(manifest)
    ? openOwnDecoding(
        { manifest, shapes, round, plan },
        { clientId: options.clientId, map, rotated, factor: step / scale },
      )
    : null;
  for (const [from, piece] of quantised(rotated, quantisation)) {
    if (from > 0 && from % PIECE === 0) yield;
    update.addValues(piece, from);
    own?.read(piece, from);
  }
  tail.addValues(tailValues(tailOf(weight, evaluation, plan)));
  const residual = own && lessDecoded(input, own.parameters());
  return { update: [update, tail], residual };
}

/** Of what is sent only: the part of the norm that belongs to it. In place. */
function clipped(kept: Float32Array, { privacy }: SumManifest, { lengths }: SumPlan): Float32Array {
  const { clippingNorm } = privacy;
  if (clippingNorm !== undefined) clipToNorm(kept, clippingNorm * shareOfNorm(lengths));
  return kept;
}

function* quantised(...update: Parameters<typeof quantisedPieces>): ReturnType<typeof quantisedPieces> {
  try {
    yield* quantisedPieces(...update);
  } catch (error) {
    if (!(error instanceof CodecError && error.code === 'codec-not-finite')) throw error;
    throw new TributaryError('update-not-finite', 'a value is not a finite number', { cause: error });
  }
}

/** Where `decoded` is, if that is float32. */
function lessDecoded(
  input: Float32Array,
  decoded: Float32Array<ArrayBuffer> | Float64Array,
): Float32Array<ArrayBuffer> {
  const residual = decoded instanceof Float32Array ? decoded : new Float32Array(input.length);
  for (let i = 0; i < residual.length; i += 1) residual[i] = input[i]! - decoded[i]!;
  return residual;
}

export function additiveFrame(
  [update, tail]: AdditiveUpdate,
  options: Pick<AdditiveUpdateOptions, 'manifest' | 'shapes' | 'round'>,
): Uint8Array {
  const layout = sumLayout(options.manifest, options.shapes, options.round.encoding);
  return encodeRingFrame(layout, { packed: update.packed(), tail: tail.lanes() });
}

/** The inverse, in memory of its own: where vectors cannot go, frames can. @throws TributaryError with a `frame-*` code */
export function additiveVectors(
  frame: Uint8Array,
  { manifest, shapes, round }: Pick<AdditiveUpdateOptions, 'manifest' | 'shapes' | 'round'>,
): AdditiveUpdate {
  const { vectors, layout } = sumPlan(manifest, shapes, round.encoding);
  const { packed, tail } = decodeRingFrame(frame, layout);
  const [update, counts] = [emptyVector(vectors[0]), emptyVector(vectors[1])];
  update.addPacked(packed);
  counts.add(tail, 0);
  return [update, counts];
}

export function emptyVector({
  length,
  bits,
}: {
  readonly length: number;
  readonly bits: number;
}): RingVector {
  return createLaneSum(length, bits);
}
